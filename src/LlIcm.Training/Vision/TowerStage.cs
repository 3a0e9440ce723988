using LlIcm.Tensors;
using LlIcm.Torch.Distributed;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Distributed;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// Trains the compact image tower without captions: two crops of one photograph belong together, those of others do not
/// (the contrast of CLIP with a picture in the caption's place).
/// </summary>
public sealed class TowerStage : ITrainingStage<ViewPair>
{
    private readonly ClipModel _clip;
    private readonly VisionRecipe _recipe;
    private readonly Func<long, BatchPart, ViewPair> _batches;
    private readonly IReadOnlyList<ViewPair> _heldOut;
    private readonly ProcessGroup? _processes;
    private readonly Tensor _logitScale;
    private readonly Adam _optimizer;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="clip">The model whose image tower is trained.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="heldOut">Batches for validation.</param>
    /// <param name="processes">Those that share the batches; null: there is this one.</param>
    public TowerStage(
        ClipModel clip, VisionRecipe recipe, Func<long, BatchPart, ViewPair> batches, Device? device = null,
        IReadOnlyList<ViewPair>? heldOut = null, ProcessGroup? processes = null)
    {
        _processes = processes;
        (_clip, _recipe, _batches, Device, _heldOut) = (clip, recipe, batches, device ?? Device.Cpu, heldOut ?? []);
        _logitScale = Tensor.Scalar(MathF.Log(1 / 0.07f), Device).Unscoped();
        Parameters = [.. clip.Visual.NamedParameters("visual."), ("logit_scale", _logitScale)];
        _optimizer = new Adam(
            Parameters.Select(each => each.Tensor), recipe.LearningRate, 0.9, 0.98, 1e-6, recipe.WeightDecay, true);
        Optimizers = [new("adam", _optimizer, recipe.LearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(Parameters.Select(each => each.Tensor));
    }

    /// <inheritdoc/>
    public string Name => "vlm";

    /// <inheritdoc/>
    public StageRecipe Recipe => _recipe;

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> Optimizers { get; }

    /// <inheritdoc/>
    public ExponentialMovingAverage? Average { get; }

    /// <inheritdoc/>
    public ViewPair MakeBatch(long step, BatchPart part) => _batches(step, part);

    /// <inheritdoc/>
    public StageLoss Compute(ViewPair batch, long step, BatchPart part)
    {
        (Tensor one, Tensor other) = Embed(batch);
        (one, other) = (_processes.Gather(one, part), _processes.Gather(other, part));
        Tensor loss = DaClipLoss.Contrast(one, other, _logitScale.Clamp(0, Math.Log(100)).Exp()).Mean;
        return new StageLoss(loss, [("accuracy", Accuracy(one, other))]);
    }

    /// <inheritdoc/>
    public void LoadWeights(string path) => VisionWeights.LoadTower(_clip.Visual, path);

    /// <inheritdoc/>
    public void SaveWeights(string folder) => VisionWeights.SaveTower(_clip, folder);

    /// <inheritdoc/>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut.Count == 0) return null;
        using var noGrad = GradMode.Disable();
        double accuracy = 0;
        foreach (ViewPair batch in _heldOut)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            (Tensor one, Tensor other) = Embed(batch);
            accuracy += Accuracy(one, other) / _heldOut.Count;
        }
        return new StageValidation(accuracy, [("accuracy", accuracy)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _logitScale.Dispose();
        Average?.Dispose();
    }

    private (Tensor One, Tensor Other) Embed(ViewPair batch)
    {
        (Tensor first, Tensor second) = batch.ToTensors(Device);
        Tensor both = _clip.EncodeImage(Tensor.Cat(0, first, second)).NormalizeL2();
        return (both.Narrow(0, 0, batch.Count), both.Narrow(0, batch.Count, batch.Count));
    }

    // The share of pictures whose partner is the nearest.
    private static double Accuracy(Tensor one, Tensor other)
    {
        Tensor nearest = one.Detach().Matmul(other.Detach().Transpose(0, 1)).Argmax(1);
        return nearest.EqualTo(Tensor.Arange(0, one.Size(0), 1, ScalarType.Long, one.Device)).To(ScalarType.Float).Mean().Item();
    }
}
