using LlIcm.Training.Codec;

namespace LlIcm.Training.Tests;

public class RecipeFileTests
{
    [Fact]
    public void KeysAndOverridesAreRead()
    {
        CodecRecipe recipe = RecipeFile.Parse<CodecRecipe>(
            "steps: 12\nlearning_rate: 0.001\n", "recipe.yaml", ["steps=34", "batch_size=3"]);
        Assert.Equal((34, 0.001, 3), (recipe.Steps, recipe.LearningRate, recipe.BatchSize));
    }

    [Theory]
    [InlineData("stepz: 1", "stepz")]
    [InlineData("steps: many", "recipe.yaml")]
    public void AnUnknownKeyOrBadValueIsOneLineThatNamesIt(string text, string named)
    {
        var error = Assert.Throws<TrainingException>(() => RecipeFile.Parse<CodecRecipe>(text, "recipe.yaml"));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        var error = Assert.Throws<TrainingException>(() => RecipeFile.Load<CodecRecipe>("/nonexistent/recipe.yaml"));
        Assert.Contains("/nonexistent/recipe.yaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheShippedRecipesAreReadable()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "LlIcm.slnx"))) at = at.Parent;
        Assert.NotNull(at);
        string folder = Path.Combine(at.FullName, "configs", "compact");
        foreach (StageRecipe recipe in (StageRecipe[])[
            RecipeFile.Load<CodecRecipe>(Path.Combine(folder, "codec.yaml")),
            RecipeFile.Load<LlIcm.Training.Restoration.RestorerRecipe>(Path.Combine(folder, "restorer.yaml")),
            RecipeFile.Load<LlIcm.Training.Joint.JointRecipe>(Path.Combine(folder, "joint.yaml"))]) recipe.Validate();
    }
}
