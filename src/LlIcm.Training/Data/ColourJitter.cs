using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Changes a photograph's contrast, brightness and saturation before it is degraded: the changed picture is the clean one. Flat, dark
/// and grey scenes become more frequent; where they are as frequent as hazy ones, a recogniser can't tell the two by contrast.
/// </summary>
public sealed record ColourJitter
{
    /// <summary>How often a crop is changed.</summary>
    public float Chance { get; init; } = 0.5f;

    /// <summary>Factor on the distance from the crop's mean.</summary>
    public Interval Contrast { get; init; } = new(0.5f, 1.1f);

    /// <summary>What is added, in shares of the range from black to white.</summary>
    public Interval Brightness { get; init; } = new(-0.15f, 0.15f);

    /// <summary>Factor on the distance from grey.</summary>
    public Interval Saturation { get; init; } = new(0.3f, 1.2f);

    /// <summary>Changes a picture in place; the draws are the same number whether it is changed or not.</summary>
    /// <param name="image">Values in 0–1; stays 8-bit levels.</param>
    /// <param name="random">Where the draws come from.</param>
    public void Apply(PlanarImage image, Xoshiro256 random)
    {
        bool change = random.Chance(Chance);
        float contrast = random.NextFloat(Contrast), added = random.NextFloat(Brightness), saturation = random.NextFloat(Saturation);
        if (!change) return;
        float mean = image.Pixels.Average();
        Span<float> red = image.Plane(0), green = image.Plane(1), blue = image.Plane(2);
        for (int i = 0; i < red.Length; i++)
        {
            float grey = 0.299f * red[i] + 0.587f * green[i] + 0.114f * blue[i];
            red[i] = Changed(red[i], grey);
            green[i] = Changed(green[i], grey);
            blue[i] = Changed(blue[i], grey);
        }
        image.Quantise();

        float Changed(float value, float grey) => (grey + saturation * (value - grey) - mean) * contrast + mean + added;
    }

    /// <summary>Says which entry is out of range; null if none is.</summary>
    internal string? Problem()
    {
        if (Chance is not (>= 0f and <= 1f)) return "chance must lie within 0 and 1";
        if (!Ordered(Contrast, 0f, 4f)) return "contrast must lie within 0 and 4, the smaller end first";
        if (!Ordered(Brightness, -1f, 1f)) return "brightness must lie within -1 and 1, the smaller end first";
        return Ordered(Saturation, 0f, 4f) ? null : "saturation must lie within 0 and 4, the smaller end first";
    }

    private static bool Ordered(Interval range, float least, float most) =>
        range.Min >= least && range.Min <= range.Max && range.Max <= most;
}
