namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Snow"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record SnowOptions
{
    /// <summary>Flakes' area (as if none overlapped) over the picture's; follows the severity.</summary>
    public Interval Coverage { get; init; } = new(0.02f, 0.3f);

    /// <summary>Diameter of the flakes of a layer in pixels.</summary>
    public Interval Diameter { get; init; } = new(1.2f, 9f);

    /// <summary>How far a flake falls during the exposure, in its diameters.</summary>
    public Interval Fall { get; init; } = new(0f, 2f);

    /// <summary>Angle of the fall from the vertical in degrees, at most ±70.</summary>
    public Interval Angle { get; init; } = new(-50f, 50f);

    /// <summary>Opacity of the flakes, 0–1.</summary>
    public Interval Opacity { get; init; } = new(0.5f, 1f);

    /// <summary>Strength of the mist of far flakes, 0–1; scaled by the severity.</summary>
    public Interval Veil { get; init; } = new(0f, 0.35f);
}
