namespace LlIcm.Training.Degradations;

/// <summary>
/// Rain streaks in several layers of one main direction, from a few fine ones to curtains, with the mist of far rain;
/// like the synthetic sets Rain100L, Rain100H (Yang et al., CVPR 2017) and Rain1400 (Fu et al., CVPR 2017).
/// </summary>
public sealed class Rain(RainOptions? options = null) : DegradationModel
{
    private readonly RainOptions _options = options ?? new RainOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Rainy;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float[] streaks = Layers(width, height, random, severity);
        float veil = random.NextFloat(_options.Veil) * severity;
        float light = random.NextFloat(0.6f, 0.95f);
        float[] mist = Field.Noise(random, width, height, Math.Max(width, height) / 2f, 3);
        for (int i = 0; i < mist.Length; i++) mist[i] *= 1.6f * veil;

        bool additive = random.Chance(_options.AdditiveChance);
        float white = additive ? 1f : random.NextFloat(0.75f, 1f);
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < plane.Length; i++)
            {
                float v = plane[i];
                v += mist[i] * (light - v);
                plane[i] = additive ? v + streaks[i] : v + streaks[i] * Math.Max(0f, white - v);
            }
        }
        return null;
    }

    private float[] Layers(int width, int height, Xoshiro256 random, float severity)
    {
        float[] streaks = new float[width * height];
        int layers = 1 + random.NextInt(Math.Max(1, (int)MathF.Round(_options.Layers * (0.4f + 0.6f * severity))));
        float angle = random.NextFloat(_options.Angle);
        float part = random.NextFloat(-_options.Parting, _options.Parting);
        float strength = _options.Strength.At(Math.Clamp(severity - part, 0f, 1f)) * random.NextFloat(0.67f, 1.33f);
        float much = Math.Clamp(severity + part * severity, 0f, 1f);
        float coverage = _options.Coverage.At(much * much) * random.NextFloat(0.6f, 1.4f) / layers;
        for (int layer = 0; layer < layers; layer++)
        {
            float layerAngle = angle + random.NextFloat(-_options.LayerAngle, _options.LayerAngle);
            float length = random.NextFloat(_options.Length);
            float thickness = random.NextFloat();
            thickness = _options.Thickness.At(thickness * thickness);
            float bright = Math.Min(1f, strength * random.NextFloat(0.6f, 1.2f));
            // Streaks whose centres lie outside reach into the picture too.
            float margin = length / 2f;
            float area = (width + 2f * margin) * (height + 2f * margin);
            int count = (int)(coverage * area / (length * thickness) + random.NextFloat());
            for (int i = 0; i < count; i++)
            {
                float own = Math.Clamp(layerAngle + random.NextFloat(-1f, 1f) * _options.StreakAngle, -70f, 70f);
                // Far streaks are short, thin and faint together.
                float near = random.NextFloat(0.45f, 1f);
                Streaks.Draw(
                    streaks, width, height,
                    random.NextFloat(-margin, width + margin), random.NextFloat(-margin, height + margin),
                    length * near * random.NextFloat(0.8f, 1.2f), thickness * near * random.NextFloat(0.7f, 1.3f),
                    MathF.Tan(own * (MathF.PI / 180f)), bright * near * random.NextFloat(0.4f, 1f));
            }
        }
        Field.Blur(streaks, width, height, random.NextFloat(0f, 0.7f));
        return streaks;
    }
}
