namespace LlIcm.Training.Joint;

/// <summary>What a step of joint training measured.</summary>
/// <param name="Total">The weighted loss.</param>
/// <param name="BitsPerPixel">Estimated rate.</param>
/// <param name="MeanSquaredError">Distortion of the degraded picture, of values in [0, 1].</param>
/// <param name="Task">The restorer's loss.</param>
/// <param name="TaskOfInput">Mean absolute difference of decoded and clean picture, which the restorer must better.</param>
/// <param name="Recognition">Cross entropy of the degradation words; null where the recipe leaves it out.</param>
/// <param name="GradientNorm">The largest of the parts' norms before clipping; not finite if the step was skipped.</param>
public readonly record struct JointLoss(
    double Total, double BitsPerPixel, double MeanSquaredError, double Task, double TaskOfInput, double? Recognition,
    double GradientNorm)
{
    /// <summary>Peak signal-to-noise ratio of the mean error, in dB.</summary>
    public double Psnr => -10 * Math.Log10(Math.Max(MeanSquaredError, 1e-12));
}
