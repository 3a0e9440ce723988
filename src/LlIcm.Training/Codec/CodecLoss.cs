namespace LlIcm.Training.Codec;

/// <summary>What a step of codec training measured.</summary>
/// <param name="Total">The weighted loss.</param>
/// <param name="BitsPerPixel">Estimated rate.</param>
/// <param name="MeanSquaredError">Distortion, of values in [0, 1].</param>
/// <param name="Auxiliary">The quantiles' loss.</param>
/// <param name="GradientNorm">Before clipping; not finite if the step was skipped.</param>
/// <param name="LearningRate">The step size used.</param>
public readonly record struct CodecLoss(
    double Total, double BitsPerPixel, double MeanSquaredError, double Auxiliary, double GradientNorm, double LearningRate)
{
    /// <summary>Peak signal-to-noise ratio of the mean error, in dB.</summary>
    public double Psnr => -10 * Math.Log10(Math.Max(MeanSquaredError, 1e-12));
}
