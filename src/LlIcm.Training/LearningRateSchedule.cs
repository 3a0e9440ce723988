namespace LlIcm.Training;

/// <summary>Warm-up, plateau, half a cosine down.</summary>
/// <param name="Peak">The highest step size.</param>
/// <param name="Final">The last one, as a share of the highest.</param>
/// <param name="WarmUp">Steps of the linear rise.</param>
/// <param name="DecayShare">Share of all steps in the fall.</param>
public sealed record LearningRateSchedule(double Peak, double Final, int WarmUp, double DecayShare)
{
    /// <summary>The step size at a step of a run.</summary>
    public double At(long step, long steps)
    {
        double rise = WarmUp <= 0 ? 1 : Math.Min(1, (step + 1.0) / WarmUp);
        double start = steps * (1 - DecayShare);
        double progress = step <= start ? 0 : Math.Min(1, (step - start) / Math.Max(1, steps - start));
        return Peak * rise * (Final + (1 - Final) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
