namespace LlIcm.Training.Degradations;

/// <summary>
/// Falling snow: layers of soft flakes of several sizes, drawn out by their fall, before a whitish mist.
/// </summary>
public sealed class Snow(SnowOptions? options = null) : DegradationModel
{
    private readonly SnowOptions _options = options ?? new SnowOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Snowy;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float[] flakes = new float[width * height];
        int layers = 1 + random.NextInt(3);
        float slope = MathF.Tan(Math.Clamp(random.NextFloat(_options.Angle), -70f, 70f) * (MathF.PI / 180f));
        float coverage = _options.Coverage.At(severity) * random.NextFloat(0.7f, 1.3f) / layers;
        for (int layer = 0; layer < layers; layer++)
        {
            // Squared: small ones are the rule.
            float diameter = random.NextFloat();
            diameter = _options.Diameter.At(diameter * diameter);
            float fall = random.NextFloat(_options.Fall), opacity = random.NextFloat(_options.Opacity);
            int count = 1 + (int)(coverage * width * height / (diameter * diameter * (1f + fall)));
            float[] own = new float[flakes.Length];
            for (int i = 0; i < count; i++)
            {
                float size = diameter * random.NextFloat(0.5f, 1.5f);
                Streaks.Draw(
                    own, width, height, random.NextFloat() * width, random.NextFloat() * height,
                    size * (1f + fall) * random.NextFloat(0.8f, 1.3f), size, slope * random.NextFloat(0.8f, 1.2f),
                    opacity * random.NextFloat(0.5f, 1f));
            }
            Field.Blur(own, width, height, 0.15f * diameter + random.NextFloat(0.3f, 0.8f));
            for (int i = 0; i < flakes.Length; i++) flakes[i] += own[i] * (1f - flakes[i]);
        }
        float veil = random.NextFloat(_options.Veil) * severity, white = random.NextFloat(0.85f, 1f);
        float[] mist = Field.Noise(random, width, height, Math.Max(width, height) / 2f, 3);
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < plane.Length; i++)
            {
                float v = plane[i];
                v += 1.6f * veil * mist[i] * (0.85f * white - v);
                plane[i] = v + flakes[i] * (white - v);
            }
        }
        return null;
    }
}
