namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Holes"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record HolesOptions
{
    /// <summary>How often each pattern is drawn, relative to the others; one that is absent never is.</summary>
    public Dictionary<HolePattern, float> Weights { get; init; } = new()
    {
        [HolePattern.Thin] = 0.7f,
        [HolePattern.Thick] = 0.12f,
        [HolePattern.Boxes] = 0.12f,
        [HolePattern.Half] = 0.02f,
        [HolePattern.Lines] = 0.04f,
    };

    /// <summary>Share of the picture covered by strokes; follows the severity.</summary>
    public Interval Cover { get; init; } = new(0.03f, 0.5f);

    /// <summary>Width of thin strokes over the picture's shorter side (drawn per stroke).</summary>
    public Interval Thin { get; init; } = new(0.025f, 0.055f);

    /// <summary>Width of thick strokes over the picture's shorter side.</summary>
    public Interval Thick { get; init; } = new(0.1f, 0.25f);

    /// <summary>
    /// A crop of a larger picture shows its holes enlarged: the factor on the strokes' width and length.
    /// </summary>
    public Interval Zoom { get; init; } = new(0.8f, 2f);
}
