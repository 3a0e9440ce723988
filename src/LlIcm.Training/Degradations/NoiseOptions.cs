namespace LlIcm.Training.Degradations;

/// <summary>Ranges of <see cref="Noise"/>; those marked so follow the severity, the others are drawn freely.</summary>
public sealed record NoiseOptions
{
    /// <summary>How often the noise is plain Gaussian; otherwise it is a camera's.</summary>
    public float GaussianChance { get; init; } = 0.4f;

    /// <summary>Standard deviation of Gaussian noise in 8-bit levels; follows the severity.</summary>
    public Interval Sigma { get; init; } = new(5f, 50f);

    /// <summary>Standard deviation of a camera's noise in 8-bit levels at medium grey; follows the severity.</summary>
    public Interval CameraSigma { get; init; } = new(2f, 15f);

    /// <summary>Share of the noise's variance at medium grey that does not depend on the light (read noise).</summary>
    public Interval ReadShare { get; init; } = new(0.02f, 0.35f);

    /// <summary>Blur of a camera's noise in pixels (standard deviation), as by its own noise filter.</summary>
    public Interval Grain { get; init; } = new(0.3f, 1.2f);

    /// <summary>Further blur of the noise's colour.</summary>
    public Interval ColourGrain { get; init; } = new(0f, 2.5f);
}
