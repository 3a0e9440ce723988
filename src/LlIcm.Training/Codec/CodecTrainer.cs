using LlIcm.Codecs.Mlic;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training.Codec;

/// <summary>
/// Stage 1 of the paper: L = λ·255²·MSE + bpp with Adam, and the auxiliary loss of the prior's quantiles. A variable-rate codec
/// sees another λ in every crop.
/// </summary>
public sealed class CodecTrainer : IDisposable
{
    private readonly CodecRecipe _recipe;
    private readonly LearningRateSchedule _schedule;
    private readonly Adam _auxiliary;

    /// <summary>A trainer at step 0.</summary>
    /// <param name="model">The codec; its parameters are made to require gradients.</param>
    /// <param name="recipe">How to train.</param>
    public CodecTrainer(MlicModel model, CodecRecipe recipe)
    {
        recipe.Validate();
        (Model, _recipe) = (model, recipe);
        _schedule = new LearningRateSchedule(
            recipe.LearningRate, recipe.FinalLearningRate, recipe.WarmUp, recipe.DecayShare);
        Optimizer = new Adam(
            model.Parameters().Where(each => !ReferenceEquals(each, model.Prior.Quantiles)), recipe.LearningRate);
        _auxiliary = new Adam([model.Prior.Quantiles], recipe.AuxiliaryLearningRate);
        Average = new ExponentialMovingAverage(model.Parameters());
        model.Train();
    }

    /// <summary>The codec in training.</summary>
    public MlicModel Model { get; }

    /// <summary>The optimiser of everything but the quantiles.</summary>
    public Adam Optimizer { get; }

    /// <summary>The averaged weights.</summary>
    public ExponentialMovingAverage Average { get; }

    /// <summary>Steps made.</summary>
    public long Step { get; private set; }

    /// <summary>One step.</summary>
    /// <param name="crops">[B, 3, H, W] in [0, 1].</param>
    /// <returns>The loss and its parts.</returns>
    public CodecLoss Train(Tensor crops)
    {
        using var scope = new TensorScope();
        // Everything random in a step follows from its number: a resumed run repeats the same draws.
        TorchRuntime.ManualSeed(unchecked(_recipe.Seed * 0x9E3779B97F4A7C15 + (ulong)Step));
        long batch = crops.Size(0);
        (Tensor? quality, Tensor lambda) = DrawRates(batch);

        MlicOutput output = Forward(crops, quality);
        Tensor error = (output.Reconstruction - crops).Square().Mean([1, 2, 3]);
        Tensor bitsPerPixel = output.Bits() * (1.0 / (crops.Size(2) * crops.Size(3)));
        Tensor weight = (lambda * (1 / 0.013)).Pow(-_recipe.LambdaWeightExponent);
        Tensor loss = ((lambda * (255.0 * 255) * error + bitsPerPixel) * weight).Mean();

        Optimizer.ZeroGrad();
        _auxiliary.ZeroGrad();
        loss.Backward();
        Optimizer.LearningRate = _schedule.At(Step, _recipe.Steps);
        double norm = Optimizer.ClipGradNorm(_recipe.ClipNorm);
        bool usable = double.IsFinite(norm);
        if (usable) Optimizer.Step();

        _auxiliary.ZeroGrad();
        Tensor auxiliary = Model.Prior.AuxiliaryLoss();
        auxiliary.Backward();
        _auxiliary.Step();

        Step++;
        if (usable) Average.Update(Math.Min(_recipe.EmaDecay, (1.0 + Step) / (10.0 + Step)));
        return new CodecLoss(
            loss.Item(), bitsPerPixel.Mean().Item(), error.Mean().Item(), auxiliary.Item(), norm, Optimizer.LearningRate);
    }

    /// <summary>Everything a resumed run needs, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        List<(string Name, Tensor Tensor)> parameters = [.. Model.NamedParameters()];
        foreach ((string name, Tensor tensor) in parameters) yield return ("model." + name, tensor);
        for (int i = 0; i < parameters.Count; i++) yield return ("ema." + parameters[i].Name, Average.Averages[i]);
        foreach ((string prefix, Adam adam) in new[] { ("adam", Optimizer), ("auxiliary", _auxiliary) })
            for (int i = 0; i < adam.Moments.Count; i++)
            {
                yield return ($"{prefix}.{i}.first", adam.Moments[i].First);
                yield return ($"{prefix}.{i}.second", adam.Moments[i].Second);
            }
    }

    /// <summary>Continues after <paramref name="step"/> steps, once <see cref="State"/> was filled from a checkpoint.</summary>
    public void ResumeAt(long step)
    {
        Step = step;
        Optimizer.Steps = step;
        _auxiliary.Steps = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _auxiliary.Dispose();
        Average.Dispose();
    }

    private MlicOutput Forward(Tensor crops, Tensor? quality)
    {
        if (!_recipe.MixedPrecision) return Model.Forward(crops, quality);
        return Model.ForwardMixed(crops, quality);
    }

    private (Tensor? Quality, Tensor Lambda) DrawRates(long batch)
    {
        if (Model.Gains is null) return (null, Tensor.Full([batch], _recipe.Lambda));
        // Stratified: every batch sees low and high rates.
        Tensor position = (Tensor.Arange(0, batch) + Tensor.Rand(batch)) * (1.0 / batch);
        Tensor quality = position * (Model.Gains.Levels - 1) + 1;
        return (quality, Model.Gains.Lambda(quality));
    }
}
