namespace LlIcm.Restoration;

/// <summary>How a picture is sampled.</summary>
public sealed record SamplerOptions
{
    /// <summary>The way back.</summary>
    public SamplerKind Kind { get; init; } = SamplerKind.Posterior;

    /// <summary>Evaluations of the network; null: as many as it was trained with.</summary>
    public int? Steps { get; init; }

    /// <summary>1 or 2: for the fast solvers.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Where the fast solvers' steps lie.</summary>
    public StepSpacing Spacing { get; init; } = StepSpacing.LogSignalToNoise;
}
