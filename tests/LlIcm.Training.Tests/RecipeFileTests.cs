using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Joint;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

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
    [InlineData("milestones: 3", "such as a list or a mapping")]
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
        string folder = Path.Combine(Repository.Root, "configs");
        Check<CodecRecipe>(folder, "codec.yaml");
        Check<VisionRecipe>(folder, "vlm.yaml");
        Check<VisionRecipe>(folder, "controller.yaml");
        Check<RestorerRecipe>(folder, "restorer.yaml");
        foreach (string name in (string[])["crops.yaml", "held-out.yaml"])
            RecipeFile.Load<CropRecipe>(Path.Combine(folder, "compact", name)).Validate();
        Check<JointRecipe>(folder, "joint.yaml");
    }

    [Theory]
    [InlineData("steps=0", "steps")]
    [InlineData("batch_size=0", "batch_size")]
    [InlineData("accumulate=9", "accumulate")]
    [InlineData("crop=100", "crop")]
    [InlineData("learning_rate=-1", "learning_rate")]
    [InlineData("learning_rate=.nan", "learning_rate")]
    [InlineData("schedule=steps", "milestones")]
    [InlineData("clip_norm=-1", "clip_norm")]
    [InlineData("ema_decay=1", "ema_decay")]
    [InlineData("degraded_share=1.5", "degraded_share")]
    [InlineData("checkpoint_minutes=0", "checkpoint_minutes")]
    public void AValueThatMakesNoSenseIsRefusedByItsKey(string entry, string key)
    {
        CodecRecipe recipe = RecipeFile.Parse<CodecRecipe>("", "recipe.yaml", [entry]);
        var error = Assert.Throws<TrainingException>(recipe.Validate);
        Assert.Contains($"recipe: {key}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ListsAndWordsAreRead()
    {
        CodecRecipe recipe = RecipeFile.Parse<CodecRecipe>(
            "schedule: steps\nmilestones: [100, 200]\ngamma: 0.1\nprecision: bf16\n", "recipe.yaml");
        recipe.Validate();
        Assert.Equal((LearningRateShape.Steps, ComputePrecision.Bf16), (recipe.Schedule, recipe.Precision));
        Assert.Equal([100L, 200L], recipe.Milestones);
    }

    [Fact]
    public void ThePrecisionFollowsTheDevice()
    {
        Assert.Null(new CodecRecipe { Precision = ComputePrecision.Fp32 }.AutocastType(new Device("cuda")));
        Assert.Equal(ScalarType.BFloat16, new CodecRecipe().AutocastType(new Device("cuda")));
        Assert.Equal(
            Processor.HasBFloat16 ? ScalarType.BFloat16 : (ScalarType?)null, new CodecRecipe().AutocastType(Device.Cpu));
        Assert.Equal(ScalarType.Half, new CodecRecipe { Precision = ComputePrecision.Fp16 }.AutocastType(new Device("cuda")));
        Assert.Throws<TrainingException>(() => new CodecRecipe { Precision = ComputePrecision.Fp16 }.AutocastType(Device.Cpu));
    }

    private static void Check<T>(string folder, string name) where T : StageRecipe, new()
    {
        string[] files = Directory.GetFiles(folder, name, SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files) RecipeFile.Load<T>(file).Validate();
    }
}
