using LlIcm.Tensors;
using LlIcm.Torch.Distributed;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;
using LlIcm.Training.Distributed;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// DA-CLIP's controller training with the frozen tower's embedding of the clean picture in the caption's place: the controlled
/// content embedding of a degraded picture is drawn to it, the degradation embedding to its word.
/// </summary>
public sealed class ControllerStage : ITrainingStage<TrainingBatch>
{
    private const string WordsKey = "degradation_text_features";

    private readonly DaClipModel _model;
    private readonly Tensor _words;
    private readonly VisionRecipe _recipe;
    private readonly Func<long, BatchPart, TrainingBatch> _batches;
    private readonly IReadOnlyList<TrainingBatch> _heldOut;
    private readonly ClipPreprocessing _preprocessing;
    private readonly ProcessGroup? _processes;
    private readonly Adam _optimizer;

    /// <summary>A stage at its beginning; the CLIP tower is frozen.</summary>
    /// <param name="model">Tower and controller.</param>
    /// <param name="words">Embeddings of the degradation words [10, E], trained along unless the recipe freezes them.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="heldOut">Batches for validation.</param>
    /// <param name="processes">Those that share the batches; null: there is this one.</param>
    public ControllerStage(
        DaClipModel model, Tensor words, VisionRecipe recipe, Func<long, BatchPart, TrainingBatch> batches,
        Device? device = null, IReadOnlyList<TrainingBatch>? heldOut = null, ProcessGroup? processes = null)
    {
        _processes = processes;
        (_model, _words, _recipe, _batches, Device, _heldOut) =
            (model, words, recipe, batches, device ?? Device.Cpu, heldOut ?? []);
        _preprocessing = new ClipPreprocessing(model.Options.ImageSize);
        model.RequireGrad(false);
        Parameters =
        [
            .. model.Controller.NamedParameters("visual_control."), ("logit_scale", model.LogitScale),
        ];
        if (!recipe.FreezeWords) Parameters = [.. Parameters, (WordsKey, words)];
        HashSet<Tensor> trained = new(Parameters.Select(each => each.Tensor), ReferenceEqualityComparer.Instance);
        ExtraState =
        [
            .. model.NamedParameters().Append((WordsKey, words)).Where(each => !trained.Contains(each.Item2)),
        ];
        _optimizer = new Adam(
            Parameters.Select(each => each.Tensor), recipe.LearningRate, 0.9, 0.98, 1e-6, recipe.WeightDecay, true);
        Optimizers = [new("adam", _optimizer, recipe.LearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(Parameters.Select(each => each.Tensor));
    }

    /// <inheritdoc/>
    public string Name => "controller";

    /// <inheritdoc/>
    public StageRecipe Recipe => _recipe;

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Tensor)> ExtraState { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> Optimizers { get; }

    /// <inheritdoc/>
    public ExponentialMovingAverage? Average { get; }

    /// <inheritdoc/>
    public TrainingBatch MakeBatch(long step, BatchPart part) => _batches(step, part);

    /// <inheritdoc/>
    public StageLoss Compute(TrainingBatch batch, long step, BatchPart part)
    {
        Tensor degraded = Prepare(batch.Degraded, batch);
        long[] words = VisionInputs.WordsOf(batch);
        Tensor scale = _model.LogitScale.Exp();
        // The content side costs three passes through a tower, the words one: they are told apart more often.
        bool contrast = step % _recipe.ContentEvery == 0;
        Tensor degradation;
        Tensor? content = null, target = null;
        if (contrast)
        {
            using (GradMode.Disable()) target = _model.Clip.EncodeImage(Prepare(batch.Clean, batch)).NormalizeL2();
            (content, degradation) = _model.EncodeImage(degraded);
            content = content.NormalizeL2();
        }
        else degradation = _model.Controller.ForwardPatches(_model.Clip.Visual.Patchify(degraded)).Degradation;
        Tensor logits = degradation.NormalizeL2().Matmul(_words.NormalizeL2().Transpose(0, 1));
        Tensor loss = VisionInputs.WordLoss(logits * scale, words);
        var measures = new List<(string Name, double Value)>
        {
            ("degradation", loss.Item()), ("recognised", VisionInputs.Recognised(logits, words)),
        };
        if (contrast)
        {
            (content, target) = (_processes.Gather(content!, part), _processes.Gather(target!, part));
            Tensor contentLoss = DaClipLoss.Contrast(content, target, scale).Mean;
            loss += contentLoss;
            Tensor own = Tensor.Arange(0, content.Size(0), 1, ScalarType.Long, Device);
            measures.Add(("content", contentLoss.Item()));
            measures.Add(("matched", ShareOf(content.Matmul(target.Transpose(0, 1)).Argmax(1), own)));
        }
        return new StageLoss(loss, measures);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> AfterStep(long step)
    {
        _model.ClampLogitScale();
        return [];
    }

    /// <inheritdoc/>
    public void LoadWeights(string path) => VisionWeights.LoadModel(_model, _words, path);

    /// <inheritdoc/>
    public void SaveWeights(string folder) =>
        LlIcmModel.SaveVision(_model, _words, Path.Combine(folder, VisionWeights.ModelFile));

    /// <inheritdoc/>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut.Count == 0) return null;
        using var noGrad = GradMode.Disable();
        double recognised = 0, similarity = 0;
        foreach (TrainingBatch batch in _heldOut)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            Tensor clean = _model.Clip.EncodeImage(Prepare(batch.Clean, batch)).NormalizeL2();
            (Tensor content, Tensor degradation) = _model.EncodeImage(Prepare(batch.Degraded, batch));
            Tensor logits = degradation.NormalizeL2().Matmul(_words.NormalizeL2().Transpose(0, 1));
            recognised += VisionInputs.Recognised(logits, VisionInputs.WordsOf(batch)) / _heldOut.Count;
            similarity += (content.NormalizeL2() * clean).Sum([1]).Mean().Item() / _heldOut.Count;
        }
        return new StageValidation(recognised, [("recognised", recognised), ("content_similarity", similarity)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        Average?.Dispose();
    }

    private Tensor Prepare(float[] pictures, TrainingBatch batch) =>
        VisionInputs.Prepare(_preprocessing, pictures, batch.Count, batch.Width, batch.Height, Device);

    private static double ShareOf(Tensor found, Tensor right) =>
        found.EqualTo(right).To(ScalarType.Float).Mean().Item();
}
