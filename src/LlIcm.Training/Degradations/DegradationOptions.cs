namespace LlIcm.Training.Degradations;

/// <summary>What a training set is degraded by: how often each kind, and the ranges of each.</summary>
public sealed record DegradationOptions
{
    /// <summary>How often each kind is drawn, relative to the others; one that is absent never is.</summary>
    public Dictionary<Degradation, float> Weights { get; init; } = new()
    {
        [Degradation.Hazy] = 1f,
        [Degradation.Raindrop] = 1f,
        [Degradation.Rainy] = 1f,
        [Degradation.Shadowed] = 1f,
        [Degradation.Noisy] = 1f,
        [Degradation.Uncompleted] = 1f,
        [Degradation.LowLight] = 0.5f,
        [Degradation.JpegCompressed] = 0.5f,
        [Degradation.MotionBlurry] = 0.3f,
        [Degradation.Snowy] = 0.3f,
        [Degradation.Clean] = 0.2f,
    };

    /// <summary>Range of the severity, within 0–1.</summary>
    public Interval Severity { get; init; } = new(0f, 1f);

    /// <summary>
    /// How often a degraded picture also went through a JPEG file of good quality, as most real ones have.
    /// </summary>
    public float FileLossChance { get; init; } = 0.15f;

    /// <summary>Quality of such a file, 1–100.</summary>
    public Interval FileQuality { get; init; } = new(75f, 96f);

    /// <summary>Ranges of the motion blur.</summary>
    public MotionBlurOptions MotionBlur { get; init; } = new();

    /// <summary>Ranges of the haze.</summary>
    public HazeOptions Haze { get; init; } = new();

    /// <summary>Ranges of the JPEG compression.</summary>
    public JpegOptions Jpeg { get; init; } = new();

    /// <summary>Ranges of the low light.</summary>
    public LowLightOptions LowLight { get; init; } = new();

    /// <summary>Ranges of the noise.</summary>
    public NoiseOptions Noise { get; init; } = new();

    /// <summary>Ranges of the drops.</summary>
    public RaindropsOptions Raindrops { get; init; } = new();

    /// <summary>Ranges of the rain.</summary>
    public RainOptions Rain { get; init; } = new();

    /// <summary>Ranges of the shadows.</summary>
    public ShadowOptions Shadow { get; init; } = new();

    /// <summary>Ranges of the snow.</summary>
    public SnowOptions Snow { get; init; } = new();

    /// <summary>Ranges of the missing parts.</summary>
    public HolesOptions Holes { get; init; } = new();
}
