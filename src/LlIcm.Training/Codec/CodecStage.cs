using LlIcm.Codecs.Mlic;
using LlIcm.Tensors;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;

namespace LlIcm.Training.Codec;

/// <summary>
/// Stage 1 of the paper: L = λ·255²·MSE + bpp (or λ·(1 − MS-SSIM) + bpp) with Adam, and the auxiliary loss of the prior's quantiles. A variable-rate codec
/// sees another λ in every crop.
/// </summary>
public sealed class CodecStage : ITrainingStage<TrainingBatch>
{
    /// <summary>What <see cref="SaveWeights"/> writes.</summary>
    public const string FileName = "codec.safetensors";

    private readonly CodecRecipe _recipe;
    private readonly Func<long, BatchPart, TrainingBatch> _batches;
    private readonly CodecValidation? _validation;
    private readonly ScalarType? _autocast;
    private readonly Adam _optimizer, _auxiliary;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="model">The codec; its parameters are made to require gradients.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="device">Where the codec is.</param>
    /// <param name="validation">Measures on held-out pictures; null for none.</param>
    public CodecStage(
        MlicModel model, CodecRecipe recipe, Func<long, BatchPart, TrainingBatch> batches, Device? device = null,
        CodecValidation? validation = null)
    {
        (Model, _recipe, _batches, Device, _validation) = (model, recipe, batches, device ?? Device.Cpu, validation);
        _autocast = recipe.AutocastType(Device);
        Parameters = [.. model.NamedParameters()];
        HashSet<Tensor> frozen = new(ReferenceEqualityComparer.Instance);
        if (recipe.FreezeAnalysis) frozen.UnionWith(model.Analysis.Parameters().Concat(model.Gains?.Parameters() ?? []));
        _optimizer = new Adam(
            model.Parameters().Where(each => !ReferenceEquals(each, model.Prior.Quantiles) && !frozen.Contains(each)), recipe.LearningRate);
        _auxiliary = new Adam([model.Prior.Quantiles], recipe.AuxiliaryLearningRate);
        Optimizers = [new("adam", _optimizer, recipe.LearningRate)];
        OwnOptimizers = [new("auxiliary", _auxiliary, recipe.AuxiliaryLearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(model.Parameters());
        model.Train();
    }

    /// <summary>The codec in training.</summary>
    public MlicModel Model { get; }

    /// <inheritdoc/>
    public string Name => "codec";

    /// <inheritdoc/>
    public StageRecipe Recipe => _recipe;

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> Optimizers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> OwnOptimizers { get; }

    /// <inheritdoc/>
    public ExponentialMovingAverage? Average { get; }

    /// <inheritdoc/>
    public TrainingBatch MakeBatch(long step, BatchPart part) => _batches(step, part);

    /// <inheritdoc/>
    public StageLoss Compute(TrainingBatch batch, long step, BatchPart part)
    {
        Tensor crops = Tensor.From<float>(batch.Degraded, [batch.Count, 3, batch.Height, batch.Width], Device);
        (Tensor? quality, Tensor lambda) = DrawRates(part);
        Tensor Noise(Tensor like) => part.RandLike(like, like.Rank == 3 ? 2 : 0) - 0.5;
        MlicOutput output = _autocast is { } type
            ? Model.ForwardMixed(crops, quality, Noise, type) : Model.Forward(crops, quality, Noise);
        Tensor error = (output.Reconstruction - crops).Square().Mean([1, 2, 3]);
        Tensor bitsPerPixel = output.Bits() * (1.0 / (crops.Size(2) * crops.Size(3)));
        Tensor weight = (lambda * (1 / 0.013)).Pow(-_recipe.LambdaWeightExponent);
        Tensor distortion = Distortion.Weighted(_recipe.Distortion, output.Reconstruction, crops, lambda);
        Tensor loss = ((distortion + bitsPerPixel) * weight).Mean();
        double psnr = error.ToArray<float>().Average(each => -10 * Math.Log10(Math.Max(each, 1e-12)));
        return new StageLoss(
            loss, [("bpp", bitsPerPixel.Mean().Item()), ("mse", error.Mean().Item() * 255 * 255), ("psnr", psnr)]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> AfterStep(long step)
    {
        _auxiliary.ZeroGrad();
        Tensor auxiliary = Model.Prior.AuxiliaryLoss();
        auxiliary.Backward();
        _auxiliary.Step();
        return [("auxiliary", auxiliary.Item())];
    }

    /// <inheritdoc/>
    public void LoadWeights(string path)
    {
        if (_recipe.Widen) CodecWidening.Load(Model, path);
        else StageWeights.Load(Model, path, FileName);
    }

    /// <inheritdoc/>
    public void SaveWeights(string folder) => LlIcmModel.SaveCodec(Model, Path.Combine(folder, FileName));

    /// <inheritdoc/>
    public StageValidation? Validate(CancellationToken cancellation) => _validation?.Measure(Model, Device, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _auxiliary.Dispose();
        Average?.Dispose();
    }

    private (Tensor? Quality, Tensor Lambda) DrawRates(BatchPart part)
    {
        if (Model.Gains is null) return (null, Tensor.Full([part.Count], _recipe.MseLambda, device: Device));
        // Stratified: every batch sees low and high rates.
        long batch = part.Total;
        Tensor position = (Tensor.Arange(0, batch) + Tensor.Rand(batch)) * (1.0 / batch);
        Tensor quality = part.Cut(position * (Model.Gains.Levels - 1) + 1).To(Device);
        return (quality, Model.Gains.Lambda(quality));
    }
}
