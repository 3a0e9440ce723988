using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Restoration;

/// <summary>
/// A run of the compact restorer on synthetic degradations, coded at random qualities, to <c>restorer.safetensors</c>. Codec and
/// vision model are taken from a model folder and stay as they are.
/// </summary>
public static class RestorerRun
{
    private const int HeldOutBatches = 8;

    /// <summary>The compact restorer: 15 NAF blocks at 1/2, 1/4 and 1/8 of the resolution, predicting the clean picture.</summary>
    public static ConditionalNafNetOptions Compact { get; } = new()
    {
        Width = 40,
        EncoderBlocks = [2, 3],
        MiddleBlocks = 5,
        DecoderBlocks = [3, 2],
        Unshuffle = 2,
        Target = PredictionTarget.Clean,
        ReplicateBorder = true,
        DegradationWidth = 64,
        ContentWidth = 64,
    };

    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="model">The folder or preset with codec and vision model.</param>
    /// <param name="options">Data and output.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, data or checkpoint are unusable.</exception>
    /// <exception cref="ModelException">Codec or vision model are missing.</exception>
    public static long Execute(
        RestorerRecipe recipe, string model, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        var degradations = new DegradationOptions { Weights = Weights };
        TrainingData data = RunData.Open(recipe, options, degradations);
        IReadOnlyList<TrainingBatch> heldOut = RunData.HeldOut(recipe, options, HeldOutBatches, degradations);
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        TorchRuntime.ManualSeed(recipe.Seed);
        using var network = new ConditionalNafNet(Compact);
        if (!options.Device.IsCpu) network.To(options.Device);
        using var stage = new RestorerStage(network, joint, recipe, data.MakePart, heldOut);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    // The paper's six tasks first; the others keep the network from mistaking them.
    internal static Dictionary<DegradationKind, float> Weights { get; } = new()
    {
        [DegradationKind.Hazy] = 1f,
        [DegradationKind.Raindrop] = 1f,
        [DegradationKind.Rainy] = 1.2f,
        [DegradationKind.Shadowed] = 1f,
        [DegradationKind.Noisy] = 1.5f,
        [DegradationKind.Uncompleted] = 1f,
        [DegradationKind.LowLight] = 0.5f,
        [DegradationKind.JpegCompressed] = 0.4f,
        [DegradationKind.MotionBlurry] = 0.2f,
        [DegradationKind.Snowy] = 0.3f,
    };
}
