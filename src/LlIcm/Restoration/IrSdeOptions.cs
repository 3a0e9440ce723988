namespace LlIcm.Restoration;

/// <summary>The parameters of a mean-reverting SDE; the defaults are the published universal model's.</summary>
public sealed record IrSdeOptions
{
    /// <summary>The stationary standard deviation, for pictures in [0, 1]; values from 1 on count in 255ths.</summary>
    public double MaxSigma { get; init; } = 50;

    /// <summary>T, the number of steps the network was trained with.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The course of θ.</summary>
    public ThetaSchedule Schedule { get; init; } = ThetaSchedule.Cosine;

    /// <summary>What is left of x₀ − μ at time T.</summary>
    public double Epsilon { get; init; } = 0.005;

    /// <summary>
    /// Steps of a schedule rebuilt for sampling, or null for <see cref="Steps"/>; the network still sees 0 … T.
    /// </summary>
    public int? SampleSteps { get; init; }
}
