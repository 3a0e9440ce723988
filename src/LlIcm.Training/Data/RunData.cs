using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>A run's data: what the recipe says, or the folders that the options name.</summary>
public static class RunData
{
    /// <summary>Opens the training data and notes what was found in the run's introduction.</summary>
    /// <param name="recipe">Crop, seed and perhaps sources.</param>
    /// <param name="options">A folder that stands in for the recipe's sources, and who is told.</param>
    /// <param name="degradations">What photographs suffer from where the recipe says nothing.</param>
    /// <exception cref="TrainingException">There are no data, or they are unusable; the message names folder or key.</exception>
    public static TrainingData Open(StageRecipe recipe, RunOptions options, DegradationOptions? degradations = null)
    {
        DataRecipe sources = options.Data is { } folder
            ? (recipe.Data ?? new DataRecipe()) with { Sources = DataRecipe.Of(folder).Sources }
            : recipe.Data ?? throw new TrainingException("no data: --data FOLDER, or a data section in the recipe");
        TrainingData data = TrainingData.Open(sources, recipe.Crop, recipe.Seed, degradations);
        options.Introduction.AddRange(data.Describe());
        return data;
    }

    /// <summary>The recipe with its epochs counted in steps of its data.</summary>
    public static T CountSteps<T>(T recipe, TrainingData data)
        where T : StageRecipe =>
        recipe.Epochs is { } epochs ? (T)(recipe with { Steps = (int)Math.Ceiling(epochs * data.Pictures / recipe.BatchSize) }) : recipe;

    /// <summary>Batches of the validation folder; empty without one.</summary>
    /// <param name="recipe">Crop, batch size and seed.</param>
    /// <param name="options">The folder.</param>
    /// <param name="batches">How many batches.</param>
    /// <param name="degradations">What photographs suffer from.</param>
    /// <exception cref="TrainingException">The folder is unusable; the message names it.</exception>
    public static IReadOnlyList<TrainingBatch> HeldOut(
        StageRecipe recipe, RunOptions options, int batches, DegradationOptions? degradations = null)
    {
        if (options.Validation is not { } folder) return [];
        TrainingData data = TrainingData.Open(DataRecipe.Of(folder), recipe.Crop, recipe.Seed, degradations);
        return [.. Enumerable.Range(0, batches).Select(i => data.Make(i, 0, recipe.BatchSize))];
    }
}
