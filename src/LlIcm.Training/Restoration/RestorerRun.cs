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
        recipe = RunData.CountSteps(recipe, data);
        IReadOnlyList<TrainingBatch> heldOut = RunData.HeldOut(recipe, options, HeldOutBatches, degradations);
        using LlIcmModel joint = LlIcmModel.Load(model, options.Device);
        TorchRuntime.ManualSeed(recipe.Seed);
        using var network = new ResidualUNet(ResidualUNetOptions.Compact);
        if (!options.Device.IsCpu) network.To(options.Device);
        using var stage = new RestorerStage(network, joint, recipe, data.MakePart, heldOut);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    // The paper's six tasks first; the others keep the network from mistaking them, clean pictures from doing harm.
    internal static Dictionary<DegradationKind, float> Weights { get; } = new()
    {
        [DegradationKind.Hazy] = 1f,
        [DegradationKind.Raindrop] = 1f,
        [DegradationKind.Rainy] = 1.3f,
        [DegradationKind.Shadowed] = 1f,
        [DegradationKind.Noisy] = 1.5f,
        [DegradationKind.Uncompleted] = 0.8f,
        [DegradationKind.LowLight] = 0.4f,
        [DegradationKind.JpegCompressed] = 0.3f,
        [DegradationKind.MotionBlurry] = 0.1f,
        [DegradationKind.Snowy] = 0.2f,
        [DegradationKind.Clean] = 0.8f,
    };
}
