using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Recognition;

/// <summary>Trains the compact recogniser by the cross entropy of the words; validation also fits the temperature that calibrates it.</summary>
public sealed class RecogniserStage : ITrainingStage<RecogniserBatch>
{
    /// <summary>What <see cref="SaveWeights"/> writes.</summary>
    public const string FileName = LlIcmModel.RecogniserFile;

    private const int ValidationBatch = 16;

    private readonly DegradationClassifier _network;
    private readonly RecogniserRecipe _recipe;
    private readonly CropStore _crops;
    private readonly CropStore? _heldOut;
    private readonly ScalarType? _autocast;
    private readonly Adam _optimizer;
    private double _temperature = 1;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="network">The recogniser.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="crops">The data, which stay the caller's.</param>
    /// <param name="heldOut">Crops for validation, which stay the caller's; null for none.</param>
    public RecogniserStage(DegradationClassifier network, Device device, RecogniserRecipe recipe, CropStore crops, CropStore? heldOut = null)
    {
        (_network, Device, _recipe, _crops, _heldOut) = (network, device, recipe, crops, heldOut);
        network.RequireGrad();
        _autocast = recipe.AutocastType(device);
        Parameters = [.. network.NamedParameters()];
        _optimizer = new Adam(network.Parameters(), recipe.LearningRate, 0.9, 0.99);
        Optimizers = [new("adam", _optimizer, recipe.LearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(network.Parameters());
    }

    /// <inheritdoc/>
    public string Name => "recogniser";

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
    public RecogniserBatch MakeBatch(long step, BatchPart part) => RecogniserBatch.Of(
        [.. Enumerable.Range(part.First, part.Count).Select(k => _crops.Sample(step, k))],
        new Xoshiro256(Xoshiro256.Mix(_recipe.Seed, (ulong)step, (ulong)part.First)));

    /// <inheritdoc/>
    public StageLoss Compute(RecogniserBatch batch, long step, BatchPart part)
    {
        int words = _network.Options.Words;
        float[] wanted = new float[batch.Kinds.Count * words];
        Array.Fill(wanted, (float)(_recipe.LabelSmoothing / words));
        for (int i = 0; i < batch.Kinds.Count; i++) wanted[i * words + (int)batch.Kinds[i]] += (float)(1 - _recipe.LabelSmoothing);
        Tensor logits = Logits(batch);
        Tensor loss = (logits.LogSoftmax(-1) * Tensor.From<float>(wanted, [batch.Kinds.Count, words], Device)).Sum() * (-1.0 / batch.Kinds.Count);
        long[] named = logits.Detach().Argmax(1).To(Device.Cpu, ScalarType.Long).ToArray<long>();
        return new StageLoss(loss, [("accuracy", named.Zip(batch.Kinds, (word, kind) => word == (int)kind ? 1.0 : 0).Average())]);
    }

    /// <inheritdoc/>
    public void LoadWeights(string path) => StageWeights.Load(_network, path, FileName);

    /// <inheritdoc/>
    public void SaveWeights(string folder) =>
        LlIcmModel.SaveRecogniser(_network, _network.Options with { Temperature = _temperature }, Path.Combine(folder, FileName));

    /// <summary>
    /// How often each word is named rightly where it is there, "unsure" (below one half) counting as wrong; the mean of the words is the score.
    /// </summary>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut is null) return null;
        using var noGrad = GradMode.Disable();
        var seen = new List<(Degradation Kind, float[] Logits)>();
        int words = _network.Options.Words;
        for (int first = 0; first < _heldOut.Count; first += ValidationBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            RecogniserBatch batch = RecogniserBatch.Of(
                [.. Enumerable.Range(first, Math.Min(ValidationBatch, _heldOut.Count - first)).Select(_heldOut.Middle)], null);
            float[] logits = Logits(batch).To(Device.Cpu, ScalarType.Float).ToArray<float>();
            for (int i = 0; i < batch.Kinds.Count; i++) seen.Add((batch.Kinds[i], logits[(i * words)..((i + 1) * words)]));
        }
        _temperature = Enumerable.Range(0, 61).Select(i => 0.3 * Math.Pow(20, i / 60.0)).MinBy(each => Surprise(seen, each));
        var values = new List<(string Name, double Value)> { ("temperature", _temperature), ("cross_entropy", Surprise(seen, _temperature)) };
        foreach (IGrouping<Degradation, (Degradation Kind, float[] Logits)> group in seen.GroupBy(each => each.Kind).OrderBy(each => each.Key))
        {
            values.Add((group.Key.Word(), group.Average(each =>
                PictureClassifier.Probabilities(each.Logits, _temperature)[(int)each.Kind] >= 0.5 ? 1.0 : 0)));
        }
        double score = values.Skip(2).Average(each => each.Value);
        values.AddRange(Reliability(seen, _temperature));
        return new StageValidation(score, values);
    }

    // Of the pictures whose likeliest word has a probability in each tenth: their share, what the mean of the probabilities says, and how many are right.
    private static IEnumerable<(string Name, double Value)> Reliability(List<(Degradation Kind, float[] Logits)> seen, double temperature)
    {
        var named = seen.Select(each =>
        {
            double[] probabilities = PictureClassifier.Probabilities(each.Logits, temperature);
            double highest = probabilities.Max();
            return (Said: highest, Right: Array.IndexOf(probabilities, highest) == (int)each.Kind);
        }).GroupBy(each => Math.Min(9, (int)(each.Said * 10)));
        foreach (IGrouping<int, (double Said, bool Right)> tenth in named.OrderBy(each => each.Key))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"from_{tenth.Key / 10.0:0.0}");
            yield return ($"{name}_share", (double)tenth.Count() / seen.Count);
            yield return ($"{name}_said", tenth.Average(each => each.Said));
            yield return ($"{name}_right", tenth.Average(each => each.Right ? 1.0 : 0));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        Average?.Dispose();
    }

    private static double Surprise(List<(Degradation Kind, float[] Logits)> seen, double temperature) => seen.Average(each =>
        -Math.Log(Math.Max(1e-12, PictureClassifier.Probabilities(each.Logits, temperature)[(int)each.Kind])));

    private Tensor Logits(RecogniserBatch batch)
    {
        const int side = ClassifierViews.Side;
        long count = batch.Kinds.Count;
        Tensor whole = Tensor.From<float>(batch.Whole, [count, 3, side, side], Device);
        Tensor details = Tensor.From<float>(batch.Details, [count * ClassifierViews.Squares, 3, side, side], Device);
        if (_autocast is not { } type) return _network.Forward(whole, details);
        using (new Autocast(Device, type)) return _network.Forward(whole, details).To(ScalarType.Float);
    }
}
