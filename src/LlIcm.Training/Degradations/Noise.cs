namespace LlIcm.Training.Degradations;

/// <summary>
/// Noise: Gaussian, the same for all pixels; or a camera's at high sensitivity, which depends on the light, is
/// correlated by the
/// demosaicing and coarser in colour, like the PolyU and CC pairs (Xu et al., 2018; Nam et al., CVPR 2016).
/// </summary>
public sealed class Noise(NoiseOptions? options = null) : DegradationModel
{
    private readonly NoiseOptions _options = options ?? new NoiseOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Noisy;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        if (random.Chance(_options.GaussianChance))
        {
            float[] noise = new float[image.Pixels.Length];
            random.FillNormal(noise);
            Field.Add(image.Pixels, noise, _options.Sigma.At(severity) / 255f);
            return null;
        }
        Camera(image, _options.CameraSigma.At(severity) / 255f, random);
        return null;
    }

    private void Camera(PlanarImage image, float sigma, Xoshiro256 random)
    {
        Span<float> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Srgb.Decode(pixels[i]);
        // Medium grey, sRGB 0.5, is 0.214 of the light; there a step of sRGB is 0.93 of a step of light.
        const float grey = 0.214f, slope = 0.93f;
        float variance = sigma * slope * (sigma * slope);
        float readShare = random.NextFloat(_options.ReadShare);
        SensorNoise.Add(
            image, variance * (1f - readShare) / grey, MathF.Sqrt(variance * readShare),
            random.NextFloat(_options.Grain), random.NextFloat(_options.ColourGrain), random);
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Srgb.Encode(pixels[i]);
    }
}
