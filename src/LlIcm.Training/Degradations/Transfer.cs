namespace LlIcm.Training.Degradations;

/// <summary>
/// Lays the degradation of a real pair over another picture: rain as the difference of the pair, a shadow as its ratio. Few pairs become
/// many samples in this way.
/// </summary>
public static class Transfer
{
    // Sensor noise and coding residue of a pair in dark places would be divided by next to nothing.
    private const float Floor = 0.03f;

    /// <summary>The kinds that can be transferred.</summary>
    public static bool Supports(Degradation kind) => kind is Degradation.Rainy or Degradation.Shadowed;

    /// <summary>Makes a sample of a clean picture and the degradation of a pair.</summary>
    /// <param name="clean">The picture in 0–1; it is not changed.</param>
    /// <param name="input">The pair's degraded picture, of the same size.</param>
    /// <param name="target">The pair's clean picture.</param>
    /// <param name="kind">What the pair shows.</param>
    /// <param name="random">Draws the strength.</param>
    /// <exception cref="ArgumentException">The kind can't be transferred, or the sizes differ.</exception>
    public static DegradedSample Lay(PlanarImage clean, PlanarImage input, PlanarImage target, Degradation kind, Xoshiro256 random)
    {
        if (!Supports(kind)) throw new ArgumentException($"{kind.Word()} cannot be laid over another picture", nameof(kind));
        if (clean.Pixels.Length != input.Pixels.Length || clean.Pixels.Length != target.Pixels.Length || clean.Width != input.Width || clean.Width != target.Width)
            throw new ArgumentException("the pair's crops must be of the picture's size");
        PlanarImage degraded = clean.Clone();
        if (kind == Degradation.Rainy) Add(degraded, input, target, random.NextFloat(0.7f, 1.25f));
        else Multiply(degraded, input, target, random.NextFloat(0.7f, 1.2f));
        return new DegradedSample(degraded.Quantise(), clean, kind);
    }

    private static void Add(PlanarImage degraded, PlanarImage input, PlanarImage target, float strength)
    {
        for (int i = 0; i < degraded.Pixels.Length; i++)
            degraded.Pixels[i] += strength * (input.Pixels[i] - target.Pixels[i]);
    }

    private static void Multiply(PlanarImage degraded, PlanarImage input, PlanarImage target, float strength)
    {
        int width = degraded.Width, height = degraded.Height;
        for (int c = 0; c < 3; c++)
        {
            float[] ratio = new float[degraded.PlaneSize];
            ReadOnlySpan<float> shaded = input.Plane(c), lit = target.Plane(c);
            for (int i = 0; i < ratio.Length; i++)
                ratio[i] = Math.Clamp(MathF.Log((shaded[i] + Floor) / (lit[i] + Floor)), -2.5f, 0.1f);
            // The pair's own texture and noise stay behind; edges of shadows are wider than this.
            Field.Blur(ratio, width, height, 1f);
            Span<float> plane = degraded.Plane(c);
            for (int i = 0; i < ratio.Length; i++)
                plane[i] = (plane[i] + Floor) * MathF.Exp(strength * ratio[i]) - Floor;
        }
    }
}
