using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

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
    /// <param name="perceptual">What else the predicted clean pictures cost: [B, 3, H, W] to [B]; null for nothing.</param>
    /// <returns>The mean difference of each picture, [B].</returns>
    public static Tensor Of(
        ConditionalDenoiser network, IrSde process, Tensor mu, Tensor clean, Tensor noise, int[] times,
        Tensor? degradation, Tensor? content, RestorationObjective objective = RestorationObjective.Matching,
        bool squared = false, ScalarType? autocast = null, Func<Tensor, Tensor>? perceptual = null)
    {
        Tensor state = process.State(clean, mu, noise, times);
        Tensor prediction = Predict(network, mu, state, times, degradation, content, autocast);
        bool predictsClean = network.Target == PredictionTarget.Clean;
        Tensor loss = Differences();
        return perceptual is null ? loss
            : loss + perceptual(predictsClean ? prediction : process.CleanFromNoise(state, prediction, mu, times));

        Tensor Differences()
        {
            if (objective == RestorationObjective.Matching)
            {
                Tensor predicted = predictsClean ? process.NoiseFromClean(state, prediction, mu, times) : prediction;
                return process.MatchingLosses(predicted, state, clean, mu, squared, false, times).Flatten();
            }
            Tensor difference = prediction - (predictsClean ? clean : noise);
            return (squared ? difference.Square() : difference.Abs()).Mean([1, 2, 3]);
        }
    }

    /// <summary>
    /// The mean absolute differences between averages over 8×8 and over 32×32 pixels, added: they see a shift of tone that
    /// disappears among the differences of single pixels.
    /// </summary>
    /// <param name="predicted">Pictures [B, 3, H, W], sides multiples of 32.</param>
    /// <param name="clean">The targets.</param>
    /// <returns>[B].</returns>
    public static Tensor OfMeans(Tensor predicted, Tensor clean)
    {
        Tensor fine = (predicted - clean).AvgPool2d(8, 8), coarse = fine.AvgPool2d(4, 4);
        return fine.Abs().Mean([1, 2, 3]) + coarse.Abs().Mean([1, 2, 3]);
    }

    /// <summary>The clean picture that a network makes of a state, in single precision.</summary>
    /// <param name="network">The denoiser.</param>
    /// <param name="process">The mean-reverting SDE.</param>
    /// <param name="mu">Decoded pictures [B, 3, H, W].</param>
    /// <param name="state">x_t, of the same shape.</param>
    /// <param name="times">One index, 1 … T, a picture.</param>
    /// <param name="degradation">Degradation embeddings [B, D]; null for a network without.</param>
    /// <param name="content">Content embeddings [B, C]; null for a network without.</param>
    /// <param name="autocast">The type that the network's convolutions run in; null for single precision.</param>
    public static Tensor Clean(
        ConditionalDenoiser network, IrSde process, Tensor mu, Tensor state, int[] times, Tensor? degradation, Tensor? content,
        ScalarType? autocast = null)
    {
        Tensor prediction = Predict(network, mu, state, times, degradation, content, autocast);
        return network.Target == PredictionTarget.Clean ? prediction : process.CleanFromNoise(state, prediction, mu, times);
    }

    // Step coefficients differ by orders of magnitude between times: single precision behind the network.
    private static Tensor Predict(
        ConditionalDenoiser network, Tensor mu, Tensor state, int[] times, Tensor? degradation, Tensor? content, ScalarType? autocast)
    {
        Tensor time = Tensor.From<float>(Array.ConvertAll(times, each => (float)each), [times.Length], mu.Device);
        if (autocast is not { } type) return network.Forward(state, mu, time, degradation, content).To(ScalarType.Float);
        using (new Autocast(mu.Device, type))
            return network.Forward(state, mu, time, degradation, content).To(ScalarType.Float);
    }
}
