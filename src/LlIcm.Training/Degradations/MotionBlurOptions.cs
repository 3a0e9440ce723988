namespace LlIcm.Training.Degradations;

/// <summary>
/// Ranges of <see cref="MotionBlur"/>; those marked so follow the severity, the others are drawn freely.
/// </summary>
public sealed record MotionBlurOptions
{
    /// <summary>Length of the camera's path in pixels; follows the severity.</summary>
    public Interval Length { get; init; } = new(4f, 28f);

    /// <summary>How much the path bends, in radians over its whole length.</summary>
    public Interval Bend { get; init; } = new(-2f, 2f);
}
