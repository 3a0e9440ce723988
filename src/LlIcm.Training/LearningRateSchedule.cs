namespace LlIcm.Training;

/// <summary>Warm-up, then a shape: by default a plateau and half a cosine down.</summary>
/// <param name="Peak">The highest step size.</param>
/// <param name="Final">The cosine's last one, as a share of the highest.</param>
/// <param name="WarmUp">Steps of the linear rise.</param>
/// <param name="DecayShare">
/// Share of all steps in the cosine's fall; 1: it begins where the warm-up ends (without warm-up PyTorch's
/// CosineAnnealingLR).
/// </param>
public sealed record LearningRateSchedule(double Peak, double Final, int WarmUp, double DecayShare)
{
    /// <summary>What follows the warm-up.</summary>
    public LearningRateShape Shape { get; init; }

    /// <summary>Steps at which <see cref="LearningRateShape.Steps"/> lowers the step size.</summary>
    public IReadOnlyCollection<long> Milestones { get; init; } = [];

    /// <summary>By what it is multiplied there.</summary>
    public double Gamma { get; init; } = 0.5;

    /// <summary>The step size at a step of a run.</summary>
    /// <param name="step">Steps made before this one.</param>
    /// <param name="steps">Steps of the run.</param>
    public double At(long step, long steps)
    {
        double rise = WarmUp <= 0 ? 1 : Math.Min(1, (step + 1.0) / WarmUp);
        return Shape switch
        {
            LearningRateShape.Constant => Peak * rise,
            LearningRateShape.Steps => Peak * rise * Math.Pow(Gamma, Milestones.Count(each => each <= step)),
            _ => Peak * rise * Fall(step, steps),
        };
    }

    private double Fall(long step, long steps)
    {
        double start = DecayShare >= 1 ? Math.Max(0, WarmUp) : steps * (1 - DecayShare);
        double progress = step <= start ? 0 : Math.Min(1, (step - start) / Math.Max(1, steps - start));
        return Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
