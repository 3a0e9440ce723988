using LlIcm.Quality;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Training.Data;

namespace LlIcm.Training.Restoration;

/// <summary>A run of the compact restorer on stored crops, to <c>restorer.safetensors</c>.</summary>
public static class RestorerRun
{
    /// <summary>Trains until the recipe's last step, or until cancelled; either way a checkpoint and weights are left.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="options">Data (a folder of crops) and output; validation is a folder of crops, too.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, crops or checkpoint are unusable.</exception>
    public static long Execute(RestorerRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        string folder = options.Data ?? recipe.Crops ?? throw new TrainingException("no crops: --data FOLDER, or crops in the recipe");
        using CropStore crops = CropStore.Open(folder, recipe.Crop, recipe.Seed);
        using CropStore? heldOut = options.Validation is { } validation ? CropStore.Open(validation, null, recipe.Seed) : null;
        options.Introduction.Add($"{folder}: {crops.Count} crops of {crops.Side}x{crops.Side}");
        if (recipe.Epochs is { } epochs) recipe = recipe with { Steps = (int)Math.Ceiling(epochs * crops.Count / recipe.BatchSize) };
        TorchRuntime.ManualSeed(recipe.Seed);
        using var network = new TaskUNet(new TaskUNetOptions { Widths = [.. recipe.Widths], Blocks = [.. recipe.Blocks], Dilations = [.. recipe.Dilations] });
        if (!options.Device.IsCpu) network.To(options.Device);
        bool wanted = recipe.PerceptualWeight > 0
            || (heldOut is not null && PerceptualLoss.Find(recipe.PerceptualNetwork, recipe.PerceptualFeatures) is not null);
        using Lpips? perceptual = wanted ? PerceptualLoss.Load(recipe.PerceptualNetwork, recipe.PerceptualFeatures, "perceptual_weight") : null;
        if (!options.Device.IsCpu) perceptual?.To(options.Device);
        using var stage = new RestorerStage(network, options.Device, recipe, crops.MakePart, heldOut, perceptual);
        return new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
    }
}
