namespace LlIcm.Training.Degradations;

/// <summary>Far too short an exposure: little light, deep shadows, a colour cast and the noise of a sensor.</summary>
public sealed class LowLight(LowLightOptions? options = null) : DegradationModel
{
    private readonly LowLightOptions _options = options ?? new LowLightOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.LowLight;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        // In steps of the eye, i.e. geometrically between the ends.
        float exposure = _options.Exposure.Min
            * MathF.Pow(_options.Exposure.Max / _options.Exposure.Min, severity) * random.NextFloat(0.85f, 1.15f);
        float gamma = random.NextFloat(_options.Gamma);
        float[] curve = new float[256];
        for (int i = 0; i < curve.Length; i++) curve[i] = Srgb.Decode(MathF.Pow(i / 255f, gamma));
        for (int c = 0; c < 3; c++)
        {
            float light = exposure * (1f - random.NextFloat(0f, _options.Cast));
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = light * curve[(int)(Math.Clamp(plane[i], 0f, 1f) * 255f + 0.5f)];
        }
        SensorNoise.Add(
            image, _options.ShotNoise.At(severity * random.NextFloat()),
            _options.ReadNoise.At(severity * random.NextFloat()),
            random.NextFloat(0f, 0.8f), random.NextFloat(0f, 1.5f), random);
        Span<float> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Srgb.Encode(pixels[i]);
        return null;
    }
}
