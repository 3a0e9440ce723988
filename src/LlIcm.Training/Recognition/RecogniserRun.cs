using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Vision;

namespace LlIcm.Training.Recognition;

/// <summary>A run of the compact recogniser on stored crops, to <c>recogniser.safetensors</c>.</summary>
public static class RecogniserRun
{
    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="options">Data (a folder of crops) and output; validation is a folder of crops, too.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, crops or checkpoint are unusable.</exception>
    public static long Execute(RecogniserRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        string folder = options.Data ?? throw new TrainingException("no crops: --data FOLDER");
        using CropStore crops = CropStore.Open(folder, recipe.Crop, recipe.Seed);
        using CropStore? heldOut = options.Validation is { } validation ? CropStore.Open(validation, null, recipe.Seed) : null;
        options.Introduction.Add($"{folder}: {crops.Count} crops of {crops.Side}x{crops.Side}");
        if (recipe.Epochs is { } epochs) recipe = recipe with { Steps = (int)Math.Ceiling(epochs * crops.Count / recipe.BatchSize) };
        TorchRuntime.ManualSeed(recipe.Seed);
        using var network = new DegradationClassifier(new DegradationClassifierOptions());
        if (!options.Device.IsCpu) network.To(options.Device);
        using var stage = new RecogniserStage(network, options.Device, recipe, crops, heldOut);
        return new TrainingRun<RecogniserBatch>(stage, options).Execute(cancellation);
    }
}
