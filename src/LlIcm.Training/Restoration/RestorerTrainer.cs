using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training.Restoration;

/// <summary>
/// Trains a denoiser of the mean-reverting SDE (Luo et al. 2023) whose mean is the decoded picture: states are drawn at random
/// times, and the network predicts the clean picture (L1) or the noise.
/// </summary>
public sealed class RestorerTrainer : IDisposable
{
    private readonly ConditionalDenoiser _network;
    private readonly IrSde _sde;
    private readonly RestorerRecipe _recipe;
    private readonly LearningRateSchedule _schedule;

    /// <summary>A trainer at step 0.</summary>
    public RestorerTrainer(ConditionalDenoiser network, IrSde sde, RestorerRecipe recipe)
    {
        (_network, _sde, _recipe) = (network, sde, recipe);
        _schedule = new LearningRateSchedule(
            recipe.LearningRate, recipe.FinalLearningRate, recipe.WarmUp, recipe.DecayShare);
        Optimizer = new Adam(network.Parameters(), recipe.LearningRate, 0.9, 0.99);
        Average = new ExponentialMovingAverage(network.Parameters());
    }

    /// <summary>The optimiser.</summary>
    public Adam Optimizer { get; }

    /// <summary>The averaged weights.</summary>
    public ExponentialMovingAverage Average { get; }

    /// <summary>Steps made.</summary>
    public long Step { get; private set; }

    /// <summary>One step.</summary>
    /// <param name="mu">Degraded or decoded pictures [B, 3, H, W].</param>
    /// <param name="clean">The clean ones.</param>
    /// <param name="degradation">Degradation embeddings [B, D].</param>
    /// <param name="content">Content embeddings [B, C].</param>
    /// <returns>The loss, and the gradient's norm before clipping.</returns>
    public (double Loss, double GradientNorm) Train(Tensor mu, Tensor clean, Tensor degradation, Tensor content)
    {
        using var scope = new TensorScope();
        ulong seed = unchecked(_recipe.Seed * 0x9E3779B97F4A7C15 + (ulong)Step);
        TorchRuntime.ManualSeed(seed);
        int[] times = DrawTimes((int)mu.Size(0), new Random((int)(seed % int.MaxValue)));
        Tensor state = _sde.State(clean, mu, mu.RandnLike(), times);
        Tensor time = Tensor.From<float>(times.Select(t => (float)t).ToArray(), [times.Length], mu.Device);
        Tensor prediction;
        if (_recipe.MixedPrecision)
            using (new Autocast(mu.Device)) prediction = _network.Forward(state, mu, time, degradation, content);
        else prediction = _network.Forward(state, mu, time, degradation, content);
        prediction = prediction.To(ScalarType.Float);
        Tensor loss = prediction.L1Loss(
            _network.Target == PredictionTarget.Clean ? clean : _sde.RealNoise(state, clean, mu, times));
        Optimizer.ZeroGrad();
        loss.Backward();
        Optimizer.LearningRate = _schedule.At(Step, _recipe.Steps);
        double norm = Optimizer.ClipGradNorm(_recipe.ClipNorm);
        Step++;
        if (double.IsFinite(norm))
        {
            Optimizer.Step();
            Average.Update(Math.Min(_recipe.EmaDecay, (1.0 + Step) / (10.0 + Step)));
        }
        return (loss.Item(), norm);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Average.Dispose();
    }

    private int[] DrawTimes(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < _recipe.StartShare
            ? _sde.Steps : random.Next(1, _sde.Steps + 1))];
}
