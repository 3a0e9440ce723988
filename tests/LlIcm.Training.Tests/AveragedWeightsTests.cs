using System.Text.Json;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Codec;

namespace LlIcm.Training.Tests;

public class AveragedWeightsTests
{
    [FixtureFact("restore", "irsde.json")]
    [Trait("Category", "parity")]
    public void TheyFollowAsThePublishedTrainingsDo()
    {
        JsonElement golden = Golden.Json("restore", "irsde.json").GetProperty("ema");
        var recipe = new CodecRecipe
        {
            EmaDecay = golden.GetProperty("beta").GetDouble(),
            EmaEvery = golden.GetProperty("update_every").GetInt32(),
            EmaAfter = golden.GetProperty("update_after_step").GetInt32(),
            EmaPower = golden.GetProperty("power").GetDouble(),
        };
        recipe.Validate();
        using Tensor online = Tensor.Full([1], 0.0).Unscoped();
        using var average = new ExponentialMovingAverage([online]);
        int made = 0;
        foreach (JsonElement record in golden.GetProperty("records").EnumerateArray())
        {
            for (; made < record.GetProperty("update_calls").GetInt32(); made++)
            {
                online.FillInPlace((made + 1) / 100.0);
                if (recipe.EmaDecayAt(made) is { } decay) average.Update(decay);
            }
            double expected = record.GetProperty("ema_value").GetDouble();
            Assert.Equal(expected, average.Averages[0].Item(), 1e-5 * expected);
        }
        Assert.Equal(2000, made);
    }

    [Fact]
    public void WithoutMoreSaidTheyBeginQuicklyAndSlowDown()
    {
        var recipe = new CodecRecipe { EmaDecay = 0.999 };
        Assert.Equal(2.0 / 11, recipe.EmaDecayAt(0)!.Value, 1e-12);
        Assert.True(recipe.EmaDecayAt(100) < 0.95);
        Assert.Equal(0.999, recipe.EmaDecayAt(100_000));
    }

    [Theory]
    [InlineData("ema_every=0", "ema_every")]
    [InlineData("ema_after=-1", "ema_after")]
    [InlineData("ema_power=-1", "ema_power")]
    public void AValueThatMakesNoSenseIsRefusedByItsKey(string entry, string key)
    {
        CodecRecipe recipe = RecipeFile.Parse<CodecRecipe>("", "recipe.yaml", [entry]);
        Assert.Contains($"recipe: {key}", Assert.Throws<TrainingException>(recipe.Validate).Message, StringComparison.Ordinal);
    }
}
