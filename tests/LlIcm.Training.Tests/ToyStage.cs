using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training.Tests;

/// <summary>Fits a line to noisy samples: a stage whose every step takes microseconds.</summary>
internal sealed class ToyStage : ITrainingStage<float[]>
{
    private readonly Tensor _weight;
    private readonly ToyRecipe _recipe;
    private readonly Adam _adam;

    public ToyStage(ToyRecipe recipe, int width = 3, Device? device = null)
    {
        _recipe = recipe;
        Device = device ?? Device.Cpu;
        _weight = Tensor.From<float>(Enumerable.Repeat(0.5f, width).ToArray(), [width]).Unscoped();
        Parameters = [("weight", _weight)];
        _adam = new Adam([_weight], recipe.LearningRate);
        Optimizers = [new("adam", _adam, recipe.LearningRate)];
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage([_weight]);
    }

    /// <summary>Steps whose loss is not a number.</summary>
    public HashSet<long> Broken { get; init; } = [];

    /// <summary>Called at the beginning of each pass.</summary>
    public Action<long> OnPass { get; init; } = _ => { };

    /// <summary>What validation says, one after the other.</summary>
    public Queue<double> Scores { get; init; } = [];

    public string Name => "toy";

    public StageRecipe Recipe => _recipe;

    public Device Device { get; }

    public IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    public IReadOnlyList<StageOptimizer> Optimizers { get; }

    public ExponentialMovingAverage? Average { get; }

    public float[] Weight => _weight.ToArray<float>();

    public float[] MakeBatch(long step, BatchPart part) =>
        [.. Enumerable.Range(part.First, part.Count).SelectMany(k => Enumerable.Range(0, (int)_weight.Size(0))
            .Select(i => (float)Math.Sin(step * 1.7 + k * 0.9 + i)))];

    public StageLoss Compute(float[] batch, long step, BatchPart part)
    {
        OnPass(step);
        Tensor input = Tensor.From<float>(batch, [part.Count, _weight.Size(0)]);
        Tensor target = input.Sum([1]) + part.RandnLike(input).Sum([1]) * 0.1;
        Tensor error = (input * _weight).Sum([1]) - target;
        Tensor loss = error.Square().Mean();
        if (Broken.Contains(step)) loss *= double.NaN;
        return new StageLoss(loss, [("absolute", error.Abs().Mean().Item())]);
    }

    public void LoadWeights(string path)
    {
        using WeightFile file = WeightFile.Open(path);
        using var noGrad = GradMode.Disable();
        _weight.CopyInPlace(file["weight"].ToTensor());
    }

    public void SaveWeights(string folder)
    {
        // As the real stages: what is saved is rounded in place.
        _weight.CopyInPlace(_weight.To(ScalarType.Half).To(ScalarType.Float));
        SafeTensorsWriter.Write(
            Path.Combine(folder, "toy.safetensors"),
            [("weight", ScalarType.Float, [_weight.Size(0)], System.Runtime.InteropServices.MemoryMarshal.AsBytes(Weight.AsSpan()).ToArray())]);
    }

    public StageValidation? Validate(CancellationToken cancellation) =>
        Scores.Count == 0 ? null : new StageValidation(Scores.Dequeue(), [("first", Weight[0])]);

    public void Dispose()
    {
        _adam.Dispose();
        Average?.Dispose();
        _weight.Dispose();
    }
}
