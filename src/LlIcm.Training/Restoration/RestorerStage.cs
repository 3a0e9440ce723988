using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Vision;
using LlIcm.Vision;

namespace LlIcm.Training.Restoration;

/// <summary>
/// Trains a denoiser of the mean-reverting SDE (Luo et al. 2023) whose mean is the decoded picture: states are drawn at random
/// times, and the network predicts the clean picture (L1) or the noise. Codec and vision model stay as they are.
/// </summary>
public sealed class RestorerStage : ITrainingStage<TrainingBatch>
{
    /// <summary>What <see cref="SaveWeights"/> writes.</summary>
    public const string FileName = "restorer.safetensors";

    private readonly ConditionalDenoiser _network;
    private readonly LlIcmModel _joint;
    private readonly IrSde _sde;
    private readonly RestorerRecipe _recipe;
    private readonly Func<long, BatchPart, TrainingBatch> _batches;
    private readonly IReadOnlyList<TrainingBatch> _heldOut;
    private readonly ClipPreprocessing _preprocessing;
    private readonly ScalarType? _autocast;
    private readonly Adam _optimizer;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="network">The denoiser.</param>
    /// <param name="joint">The model whose codec and vision are used.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="heldOut">Batches for validation.</param>
    public RestorerStage(
        ConditionalDenoiser network, LlIcmModel joint, RestorerRecipe recipe, Func<long, BatchPart, TrainingBatch> batches,
        IReadOnlyList<TrainingBatch>? heldOut = null)
    {
        (_network, _joint, _recipe, _batches, _heldOut) = (network, joint, recipe, batches, heldOut ?? []);
        joint.Codec.RequireGrad(false);
        joint.Vision.RequireGrad(false);
        // The process that a fresh restorer is made for: the model may not have one yet.
        _sde = new IrSde(new IrSdeOptions());
        _preprocessing = new ClipPreprocessing(joint.Vision.Options.ImageSize);
        _autocast = recipe.AutocastType(Device);
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
    public Device Device => _joint.Device;

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
        (Tensor mu, Tensor clean, Tensor degradation, Tensor content) =
            Inputs(batch, new Random(unchecked((int)(_recipe.Seed * 1_000_003 + (ulong)step))), part);
        int[] times = part.Cut(DrawTimes(part.Total, new Random((int)(_recipe.SeedOf(step) % int.MaxValue))));
        Tensor state = _sde.State(clean, mu, part.RandnLike(mu), times);
        Tensor prediction = Predict(state, mu, times, degradation, content);
        Tensor loss = prediction.L1Loss(
            _network.Target == PredictionTarget.Clean ? clean : _sde.RealNoise(state, clean, mu, times));
        return new StageLoss(loss, [("l1_of_input", mu.L1Loss(clean).Item())]);
    }

    /// <inheritdoc/>
    public void LoadWeights(string path) => StageWeights.Load(_network, path, FileName);

    /// <inheritdoc/>
    public void SaveWeights(string folder) => LlIcmModel.SaveRestorer(_network, Path.Combine(folder, FileName));

    /// <summary>
    /// What one evaluation from the starting state makes of degraded and coded crops: PSNR and L1 before and after, each
    /// task by itself and all together; the share of units that never wake.
    /// </summary>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut.Count == 0) return null;
        using var noGrad = GradMode.Disable();
        var tasks = new SortedDictionary<string, List<(double Before, double After)>>(StringComparer.Ordinal);
        double before = 0, after = 0;
        using var units = new UnitActivity(_network);
        for (int i = 0; i < _heldOut.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            TrainingBatch batch = _heldOut[i];
            TorchRuntime.ManualSeed((ulong)i);
            BatchPart part = BatchPart.Whole(batch.Count);
            (Tensor mu, Tensor clean, Tensor degradation, Tensor content) = Inputs(batch, new Random(i), part);
            int[] times = [.. Enumerable.Repeat(_sde.Steps, batch.Count)];
            Tensor state = _sde.NoiseState(mu, mu.RandnLike());
            Tensor prediction = Predict(state, mu, times, degradation, content);
            if (_network.Target != PredictionTarget.Clean) prediction = _sde.CleanFromNoise(state, prediction, mu, times);
            Tensor restored = prediction.Clamp(0, 1);
            before += mu.L1Loss(clean).Item() / _heldOut.Count;
            after += restored.L1Loss(clean).Item() / _heldOut.Count;
            double[] input = Psnr(mu, clean), output = Psnr(restored, clean);
            for (int k = 0; k < batch.Count; k++)
            {
                string task = batch.Kinds[k].Word();
                if (!tasks.TryGetValue(task, out List<(double, double)>? list)) tasks[task] = list = [];
                list.Add((input[k], output[k]));
            }
        }
        var values = new List<(string Name, double Value)> { ("l1_before", before), ("l1_after", after) };
        if (units.Asleep is { } asleep) values.Add(("asleep", asleep));
        foreach ((string task, List<(double Before, double After)> list) in tasks)
        {
            values.Add((task + "_psnr_before", list.Average(each => each.Before)));
            values.Add((task + "_psnr_after", list.Average(each => each.After)));
        }
        return new StageValidation(tasks.Values.Average(list => list.Average(each => each.After - each.Before)), values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        Average?.Dispose();
    }

    private Tensor Predict(Tensor state, Tensor mu, int[] times, Tensor degradation, Tensor content)
    {
        Tensor time = Tensor.From<float>(times.Select(t => (float)t).ToArray(), [times.Length], Device);
        if (_autocast is not { } type) return _network.Forward(state, mu, time, degradation, content);
        using (new Autocast(Device, type))
            return _network.Forward(state, mu, time, degradation, content).To(ScalarType.Float);
    }

    private (Tensor Mu, Tensor Clean, Tensor Degradation, Tensor Content) Inputs(
        TrainingBatch batch, Random random, BatchPart part)
    {
        using var noGrad = GradMode.Disable();
        int count = batch.Count;
        long[] shape = [count, 3, batch.Height, batch.Width];
        Tensor mu = Tensor.From<float>(batch.Degraded, shape, Device), clean = Tensor.From<float>(batch.Clean, shape, Device);
        if (random.NextDouble() < _recipe.DecodedShare) mu = Code(mu, random, part);
        (Tensor content, Tensor degradation) = _joint.Vision.EncodeImage(
            VisionInputs.Prepare(_preprocessing, mu.ToArray<float>(), count, batch.Width, batch.Height, Device));
        long[] known = VisionInputs.WordsOf(batch);
        Tensor words = _joint.WordEmbeddings.NormalizeL2().IndexSelect(0, VisionInputs.Rows(known, Device))
            * degradation.Norm(2, [1], keep: true);
        float[] told = [.. Enumerable.Range(0, part.Total).Select(_ => random.NextDouble() < _recipe.WordShare ? 1f : 0f)];
        told = part.Cut(told);
        for (int i = 0; i < count; i++)
            if (known[i] < 0) told[i] = 0;
        Tensor pick = Tensor.From<float>(told, [count, 1], Device);
        float[] kept = [.. part.Cut(Enumerable.Range(0, part.Total).Select(
            _ => random.NextDouble() < _recipe.EmbeddingDropout ? 0f : 1f).ToArray())];
        return (mu, clean, (words * pick + degradation * (1 - pick)) * Tensor.From<float>(kept, [count, 1], Device), content);
    }

    // Another quality a crop, and 8-bit values, as files have them.
    private Tensor Code(Tensor pictures, Random random, BatchPart part)
    {
        MlicModel codec = _joint.Codec;
        float[] quality = [.. Enumerable.Range(0, part.Total).Select(_ => (float)(1 + 7 * random.NextDouble()))];
        Tensor? wanted = codec.Gains is null ? null : Tensor.From<float>(part.Cut(quality), [part.Count], Device);
        Tensor decoded = (_autocast is { } type
            ? codec.ForwardMixed(pictures, wanted, type: type) : codec.Forward(pictures, wanted)).Reconstruction;
        return (decoded.Clamp(0, 1) * 255).Round() * (1 / 255.0);
    }

    private int[] DrawTimes(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < _recipe.StartShare
            ? _sde.Steps : random.Next(1, _sde.Steps + 1))];

    private static double[] Psnr(Tensor picture, Tensor clean) =>
        [.. (picture - clean).Square().Mean([1, 2, 3]).ToArray<float>().Select(each => -10 * Math.Log10(Math.Max(each, 1e-12)))];
}
