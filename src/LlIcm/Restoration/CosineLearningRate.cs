namespace LlIcm.Restoration;

/// <summary>A learning rate that falls along half a cosine; the defaults are the published U-Net training's.</summary>
/// <param name="Initial">At step 0.</param>
/// <param name="Final">At the last step.</param>
/// <param name="Steps">The last step.</param>
public sealed record CosineLearningRate(double Initial = 2e-4, double Final = 1e-6, long Steps = 700_000)
{
    /// <summary>The rate at a step; constant after the last one.</summary>
    public double At(long step) =>
        Final + (Initial - Final) * (1 + Math.Cos(Math.PI * Math.Min(step, Steps) / Steps)) / 2;
}
