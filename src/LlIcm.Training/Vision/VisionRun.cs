using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// Runs of the compact vision model: first the image tower by contrast of crops, then, with it frozen, the controller.
/// </summary>
public static class VisionRun
{
    private const int HeldOutBatches = 4;

    /// <summary>The compact vision tower: pictures of 144×144 in patches of 12×12, no text tower.</summary>
    public static ClipOptions Compact { get; } = new(64, 144, 12, 128, 4, 4, 0, 0, 0, 0, 0) { TextureFilters = 24 };

    /// <summary>Trains the image tower, from a folder of photographs to <c>tower.safetensors</c>.</summary>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, data or checkpoint are unusable.</exception>
    public static long ExecuteTower(VisionRecipe recipe, RunOptions options, CancellationToken cancellation = default)
    {
        recipe.Validate();
        TrainingData data = RunData.Open(recipe, options);
        recipe = RunData.CountSteps(recipe, data);
        var views = new ViewSource(data.Clean, Compact.ImageSize, recipe.Seed);
        List<ViewPair> heldOut = [];
        if (options.Validation is { } folder)
        {
            TrainingData apart = TrainingData.Open(DataRecipe.Of(folder), recipe.Crop, recipe.Seed);
            heldOut = HeldOut(recipe, new ViewSource(apart.Clean, Compact.ImageSize, recipe.Seed).Make);
        }
        using DaClipModel model = Model(recipe, options);
        using var stage = new TowerStage(model.Clip, recipe, views.Make, options.Device, heldOut, options.Processes);
        long steps = new TrainingRun<ViewPair>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    /// <summary>Trains the controller, from a folder of photographs to <c>daclip.safetensors</c>.</summary>
    /// <param name="recipe">How to train.</param>
    /// <param name="options">
    /// Data and output. A new run takes the tower from <paramref name="tower"/>, or everything from <see cref="RunOptions.Init"/>.
    /// </param>
    /// <param name="tower">The trained tower: a file or folder; null for the output folder's.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>Steps made.</returns>
    /// <exception cref="TrainingException">Recipe, data, tower or checkpoint are unusable.</exception>
    public static long ExecuteController(
        VisionRecipe recipe, RunOptions options, string? tower = null, CancellationToken cancellation = default)
    {
        recipe.Validate();
        var degradations = new DegradationOptions { Weights = DegradationNames.All.ToDictionary(kind => kind, _ => 1f) };
        TrainingData data = RunData.Open(recipe with { Seed = recipe.Seed + 1 }, options, degradations);
        recipe = RunData.CountSteps(recipe, data);
        IReadOnlyList<TrainingBatch> heldOut =
            RunData.HeldOut(recipe with { Seed = recipe.Seed + 1 }, options, HeldOutBatches, degradations);
        using DaClipModel model = Model(recipe, options);
        bool goesOn = options.Resume
            && File.Exists(TrainingRun<TrainingBatch>.CheckpointPath(options.Output, "controller"));
        if (!goesOn && options.Init is null) VisionWeights.LoadTower(model.Clip.Visual, tower ?? options.Output);
        model.InitializeController(exact: true);
        using Tensor words = Initialization.Normal(
            [DegradationNames.All.Count, Compact.EmbedDim], 1 / Math.Sqrt(Compact.EmbedDim)).To(options.Device).Unscoped();
        using var stage = new ControllerStage(model, words, recipe, data.MakePart, options.Device, heldOut, options.Processes);
        long steps = new TrainingRun<TrainingBatch>(stage, options).Execute(cancellation);
        if (data.Problems() is { } problems) options.Report(problems);
        return steps;
    }

    private static DaClipModel Model(VisionRecipe recipe, RunOptions options)
    {
        TorchRuntime.ManualSeed(recipe.Seed);
        var model = new DaClipModel(Compact);
        if (!options.Device.IsCpu) model.To(options.Device);
        return model;
    }

    private static List<T> HeldOut<T>(VisionRecipe recipe, Func<long, BatchPart, T> batches) =>
        [.. Enumerable.Range(0, HeldOutBatches).Select(i => batches(i, BatchPart.Whole(recipe.BatchSize)))];
}
