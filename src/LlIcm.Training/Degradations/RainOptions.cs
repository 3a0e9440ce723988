namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Rain"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record RainOptions
{
    /// <summary>
    /// Streaks' area (as if none overlapped) over the picture's; follows the severity, quadratically.
    /// </summary>
    public Interval Coverage { get; init; } = new(0.05f, 1.4f);

    /// <summary>Strength of the streaks in 0–1; follows the severity, with a spread of a third.</summary>
    public Interval Strength { get; init; } = new(0.25f, 0.8f);

    /// <summary>How far coverage and strength may part, in severity: many faint streaks or few strong ones.</summary>
    public float Parting { get; init; } = 0.5f;

    /// <summary>Length in pixels.</summary>
    public Interval Length { get; init; } = new(14f, 80f);

    /// <summary>Width in pixels; mostly near the smaller end.</summary>
    public Interval Thickness { get; init; } = new(0.6f, 2.6f);

    /// <summary>Angle from the vertical in degrees, one for a picture; at most ±70.</summary>
    public Interval Angle { get; init; } = new(-40f, 40f);

    /// <summary>How far the layers' angles may differ from the picture's, in degrees.</summary>
    public float LayerAngle { get; init; } = 6f;

    /// <summary>How far a streak's angle may differ from its layer's, in degrees.</summary>
    public float StreakAngle { get; init; } = 1.5f;

    /// <summary>Most layers of streaks (heavy rain has several sizes at once).</summary>
    public int Layers { get; init; } = 4;

    /// <summary>
    /// How often the streaks are added to the light, which saturates; otherwise they cover what is behind.
    /// </summary>
    public float AdditiveChance { get; init; } = 0.75f;

    /// <summary>Strength of the mist of far rain, 0–1; scaled by the severity.</summary>
    public Interval Veil { get; init; } = new(0f, 0.2f);
}
