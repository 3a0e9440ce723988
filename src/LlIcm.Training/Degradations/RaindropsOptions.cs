namespace LlIcm.Training.Degradations;

/// <summary>
/// Ranges of <see cref="Raindrops"/>; those marked so follow the severity, the others are drawn freely.
/// </summary>
public sealed record RaindropsOptions
{
    /// <summary>Drops' area (as if none overlapped) over the picture's; follows the severity.</summary>
    public Interval Coverage { get; init; } = new(0.06f, 0.6f);

    /// <summary>Mean radius of a picture's drops in pixels; drops vary from a half to twice of it.</summary>
    public Interval Radius { get; init; } = new(4f, 42f);

    /// <summary>
    /// Width of the soft rim over the drop's radius: small for drops in focus, 1 for those far out of it; mostly
    /// large.
    /// </summary>
    public Interval Softness { get; init; } = new(0.15f, 1f);

    /// <summary>How much a drop hides of what is behind it, 0–1.</summary>
    public Interval Opacity { get; init; } = new(0.55f, 1f);

    /// <summary>How wide an angle a drop shows: picture pixels for one of the drop's.</summary>
    public Interval Refraction { get; init; } = new(2f, 9f);

    /// <summary>How much sky the drops mirror, 0–1.</summary>
    public Interval Sky { get; init; } = new(0.05f, 0.45f);

    /// <summary>Loss of contrast by the wet glass, 0–1; scaled by the severity.</summary>
    public Interval Veil { get; init; } = new(0f, 0.2f);
}
