namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Shadow"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record ShadowOptions
{
    /// <summary>
    /// What is left of the light in the core of the shadow, as a factor on sRGB values; follows the severity.
    /// </summary>
    public Interval Factor { get; init; } = new(0.75f, 0.28f);

    /// <summary>
    /// Shift towards the blue of the sky: the blue channel keeps this share more, red half of it less.
    /// </summary>
    public Interval Blue { get; init; } = new(-0.02f, 0.3f);

    /// <summary>Blur of the edge in pixels (standard deviation).</summary>
    public Interval Penumbra { get; init; } = new(0.5f, 7f);

    /// <summary>Size of a caster over the picture's longer side.</summary>
    public Interval Size { get; init; } = new(0.15f, 0.7f);

    /// <summary>Smallest and largest share of the picture in shadow; a pattern outside is drawn again.</summary>
    public Interval Cover { get; init; } = new(0.03f, 0.75f);
}
