using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;

namespace LlIcm.Training.Joint;

/// <summary>The task loss of one batch, differentiable in μ and in both embeddings.</summary>
public static class RestorationLoss
{
    /// <summary>Draws nothing itself: a pure function of its arguments.</summary>
    /// <param name="network">The denoiser.</param>
    /// <param name="process">The mean-reverting SDE.</param>
    /// <param name="mu">Decoded pictures [B, 3, H, W]: the SDE's mean and the network's condition.</param>
    /// <param name="clean">The targets.</param>
    /// <param name="noise">Standard normal, of the pictures' shape.</param>
    /// <param name="times">One index, 1 … T, a picture.</param>
    /// <param name="degradation">Degradation embeddings [B, D]; null for a network without.</param>
    /// <param name="content">Content embeddings [B, C]; null for a network without.</param>
    /// <param name="objective">What is compared.</param>
    /// <param name="squared">Squared instead of absolute differences.</param>
    /// <param name="autocast">The type that the network's convolutions run in; null for single precision.</param>
    /// <returns>The mean difference of each picture, [B].</returns>
    public static Tensor Of(
        ConditionalDenoiser network, IrSde process, Tensor mu, Tensor clean, Tensor noise, int[] times,
        Tensor? degradation, Tensor? content, RestorationObjective objective = RestorationObjective.Matching,
        bool squared = false, ScalarType? autocast = null)
    {
        Tensor state = process.State(clean, mu, noise, times);
        Tensor time = Tensor.From<float>(Array.ConvertAll(times, each => (float)each), [times.Length], mu.Device);
        Tensor prediction;
        if (autocast is { } type)
            using (new Autocast(mu.Device, type)) prediction = network.Forward(state, mu, time, degradation, content);
        else prediction = network.Forward(state, mu, time, degradation, content);
        // Step coefficients differ by orders of magnitude between times: single precision from here on.
        prediction = prediction.To(ScalarType.Float);
        bool predictsClean = network.Target == PredictionTarget.Clean;
        if (objective == RestorationObjective.Matching)
        {
            Tensor predicted = predictsClean ? process.NoiseFromClean(state, prediction, mu, times) : prediction;
            return process.MatchingLosses(predicted, state, clean, mu, squared, false, times).Flatten();
        }
        Tensor difference = prediction - (predictsClean ? clean : noise);
        return (squared ? difference.Square() : difference.Abs()).Mean([1, 2, 3]);
    }
}
