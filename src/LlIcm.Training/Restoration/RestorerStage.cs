using LlIcm.Quality;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;

namespace LlIcm.Training.Restoration;

/// <summary>
/// Trains the compact restorer on stored crops: mean absolute difference to the clean crop, and LPIPS where the recipe gives it a weight.
/// </summary>
public sealed class RestorerStage : ITrainingStage<TrainingBatch>
{
    /// <summary>What <see cref="SaveWeights"/> writes.</summary>
    public const string FileName = "restorer.safetensors";

    private const int ValidationBatch = 4;

    // A usual error: by it the logarithm's gradients are as large as those of the error itself.
    private const double UsualError = 0.06;

    private readonly TaskUNet _network;
    private readonly RestorerRecipe _recipe;
    private readonly Func<long, BatchPart, TrainingBatch> _batches;
    private readonly CropStore? _heldOut;
    private readonly Lpips? _perceptual;
    private readonly ScalarType? _autocast;
    private readonly Adam _optimizer;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="network">The restorer.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="heldOut">Crops for validation, which stay the caller's.</param>
    /// <param name="perceptual">LPIPS, which stays the caller's; needed where the recipe gives it a weight.</param>
    /// <exception cref="TrainingException">The recipe gives LPIPS a weight, and it is not there.</exception>
    public RestorerStage(
        TaskUNet network, Device device, RestorerRecipe recipe, Func<long, BatchPart, TrainingBatch> batches, CropStore? heldOut = null,
        Lpips? perceptual = null)
    {
        (_network, Device, _recipe, _batches, _heldOut, _perceptual) = (network, device, recipe, batches, heldOut, perceptual);
        if (recipe.PerceptualWeight > 0 && perceptual is null) throw new TrainingException("recipe: perceptual_weight needs LPIPS");
        perceptual?.RequireGrad(false);
        network.RequireGrad();
        _autocast = recipe.AutocastType(device);
        Parameters = [.. network.NamedParameters()];
        _optimizer = new Adam(network.Parameters(), recipe.LearningRate, 0.9, 0.99);
        Optimizers = [new("adam", _optimizer, recipe.LearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(network.Parameters());
    }

    /// <inheritdoc/>
    public string Name => "restorer";

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
    public TrainingBatch MakeBatch(long step, BatchPart part) => _batches(step, part);

    /// <inheritdoc/>
    public StageLoss Compute(TrainingBatch batch, long step, BatchPart part)
    {
        (Tensor input, Tensor clean, Tensor holes, Tensor tasks) = Inputs(batch);
        Tensor restored = Predict(input, holes, tasks);
        Tensor errors = (restored - clean).Abs().Mean([1, 2, 3]);
        Tensor before = (input - clean).Abs().Mean([1, 2, 3]);
        // A sample that the network makes much worse than it came counts no more than its share: it would size everybody's step.
        Tensor weights = ((before * 2 + 0.1) / (errors.Detach() + 1e-6)).Clamp(null, 1);
        Tensor pixels = _recipe.LogFloor > 0 ? (errors + _recipe.LogFloor).Log() * UsualError : errors;
        Tensor loss = (pixels * weights).Mean();
        var measures = new List<(string, double)> { ("l1", errors.Mean().Item()), ("l1_of_input", before.Mean().Item()) };
        if (_perceptual is not null && _recipe.PerceptualWeight > 0)
        {
            Tensor distance = (_perceptual.Forward(restored * 2 - 1, clean * 2 - 1).Flatten() * weights).Mean();
            measures.Add(("lpips", distance.Item()));
            loss += distance * _recipe.PerceptualWeight;
        }
        return new StageLoss(loss, measures);
    }

    /// <inheritdoc/>
    public void LoadWeights(string path) => StageWeights.Load(_network, path, FileName);

    /// <inheritdoc/>
    public void SaveWeights(string folder) => LlIcmModel.SaveRestorer(_network, Path.Combine(folder, FileName));

    /// <summary>
    /// PSNR before and after restoration, of each task; LPIPS where its weights are there. The score is the mean gain of the tasks in dB.
    /// </summary>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut is null) return null;
        using var noGrad = GradMode.Disable();
        var tasks = new SortedDictionary<string, List<double[]>>(StringComparer.Ordinal);
        for (int first = 0; first < _heldOut.Count; first += ValidationBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var batch = new TrainingBatch(
                [.. Enumerable.Range(first, Math.Min(ValidationBatch, _heldOut.Count - first)).Select(_heldOut.Middle)]);
            (Tensor input, Tensor clean, Tensor holes, Tensor words) = Inputs(batch);
            Tensor restored = (Predict(input, holes, words).Clamp(0, 1) * 255).Round() * (1 / 255.0);
            double[][] values = [Psnr(input, clean), Psnr(restored, clean), Distance(input, clean), Distance(restored, clean)];
            for (int k = 0; k < batch.Count; k++)
            {
                string task = batch.Kinds[k].Word();
                if (!tasks.TryGetValue(task, out List<double[]>? list)) tasks[task] = list = [];
                list.Add([.. values.Select(each => each.Length > 0 ? each[k] : double.NaN)]);
            }
        }
        var reported = new List<(string Name, double Value)>();
        foreach ((string task, List<double[]> list) in tasks)
        {
            foreach ((int i, string name) in new[] { "psnr_before", "psnr_after", "lpips_before", "lpips_after" }.Index())
                if (list.Average(each => each[i]) is var mean && double.IsFinite(mean)) reported.Add(($"{task}_{name}", mean));
        }
        return new StageValidation(tasks.Values.Average(list => list.Average(each => each[1] - each[0])), reported);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        Average?.Dispose();
    }

    private Tensor Predict(Tensor input, Tensor holes, Tensor tasks)
    {
        if (_autocast is not { } type) return _network.Forward(input, holes, tasks);
        using (new Autocast(Device, type)) return _network.Forward(input, holes, tasks).To(ScalarType.Float);
    }

    private (Tensor Input, Tensor Clean, Tensor Holes, Tensor Tasks) Inputs(TrainingBatch batch)
    {
        (long height, long width) = (batch.Height, batch.Width);
        long[] shape = [batch.Count, 3, height, width], plane = [batch.Count, 1, height, width];
        int words = _network.Options.Tasks;
        float[] told = new float[batch.Count * words];
        for (int i = 0; i < batch.Count; i++) told[i * words + (int)batch.Kinds[i]] = 1;
        Tensor holes = batch.Masks is null ? Tensor.Zeros(plane, device: Device) : 1 - Tensor.From<float>(batch.Masks, plane, Device);
        return (Tensor.From<float>(batch.Degraded, shape, Device), Tensor.From<float>(batch.Clean, shape, Device), holes,
            Tensor.From<float>(told, [batch.Count, words], Device));
    }

    private double[] Distance(Tensor picture, Tensor clean) => _perceptual is null ? []
        : [.. _perceptual.Forward(picture * 2 - 1, clean * 2 - 1).Flatten().ToArray<float>().Select(each => (double)each)];

    private static double[] Psnr(Tensor picture, Tensor clean) =>
        [.. (picture - clean).Square().Mean([1, 2, 3]).ToArray<float>().Select(each => -10 * Math.Log10(Math.Max(each, 1e-12)))];
}
