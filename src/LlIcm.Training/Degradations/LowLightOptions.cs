namespace LlIcm.Training.Degradations;

/// <summary>
/// Ranges of <see cref="LowLight"/>; those marked so follow the severity, the others are drawn freely.
/// </summary>
public sealed record LowLightOptions
{
    /// <summary>Factor on the linear light; follows the severity.</summary>
    public Interval Exposure { get; init; } = new(0.3f, 0.02f);

    /// <summary>Exponent on the sRGB values before (deeper shadows above 1).</summary>
    public Interval Gamma { get; init; } = new(1f, 1.4f);

    /// <summary>Standard deviation of the read noise in linear light; follows the severity.</summary>
    public Interval ReadNoise { get; init; } = new(0.0003f, 0.002f);

    /// <summary>Variance of the shot noise for one unit of light; follows the severity.</summary>
    public Interval ShotNoise { get; init; } = new(0.00005f, 0.0008f);

    /// <summary>How far a channel may lose light against the others by a colour cast.</summary>
    public float Cast { get; init; } = 0.2f;
}
