using LlIcm.Restoration;
using LlIcm.Torch;
using LlIcm.Training.Joint;

namespace LlIcm.Training.Tests.Joint;

public class JointTrainerTests
{
    private static readonly JointRecipe s_recipe = new()
    {
        Steps = 60,
        BatchSize = 2,
        Crop = 64,
        MixedPrecision = false,
        WarmUp = 0,
        DecayShare = 0,
        CodecLearningRate = 1e-3,
        ControllerLearningRate = 1e-3,
        RestorerLearningRate = 2e-3,
        Seed = 7,
    };

    private static readonly long[] s_words = [3, 7];

    [Theory]
    [InlineData(PredictionTarget.Clean, RestorationObjective.Prediction)]
    [InlineData(PredictionTarget.Clean, RestorationObjective.Matching)]
    [InlineData(PredictionTarget.Noise, RestorationObjective.Matching)]
    [InlineData(PredictionTarget.Noise, RestorationObjective.Prediction)]
    public void TheTasksGradientReachesTheCodecThroughTheMeanOfTheSde(
        PredictionTarget target, RestorationObjective objective)
    {
        using var tiny = new TinyNetworks(target);
        double all = GradientOfTheCodec(tiny, s_recipe with { Objective = objective, FeatureGradients = true });
        double throughMean = GradientOfTheCodec(tiny, s_recipe with { Objective = objective, FeatureGradients = false });
        Assert.True(throughMean > 1e-9, $"the gradient's norm is {throughMean}");
        // The embeddings are another way to the codec.
        Assert.NotEqual(throughMean, all, throughMean * 1e-6);
    }

    [Fact]
    public void RecognitionReachesTheCodecOnlyThroughTheEmbeddings()
    {
        using var tiny = new TinyNetworks();
        JointRecipe recipe = s_recipe with { RecognitionWeight = 1, Gamma = 0 };
        Assert.True(GradientOfTheCodec(tiny, recipe with { FeatureGradients = true }) > 0);
        Assert.Equal(0, GradientOfTheCodec(tiny, recipe with { FeatureGradients = false }));
    }

    [Theory]
    [InlineData("codec")]
    [InlineData("controller")]
    [InlineData("restorer")]
    public void AFrozenPartStaysAsItWasAndTheOthersMove(string frozen)
    {
        using var tiny = new TinyNetworks();
        JointRecipe recipe = s_recipe with
        {
            FreezeCodec = frozen == "codec",
            FreezeController = frozen == "controller",
            FreezeRestorer = frozen == "restorer",
        };
        var before = Parts.ToDictionary(part => part, tiny.Snapshot);
        using (var trainer = new JointTrainer(tiny.Networks, recipe))
        {
            Run(trainer, 2);
            trainer.SwapAverages();
        }
        foreach (string part in Parts)
        {
            bool same = before[part].Zip(tiny.Snapshot(part)).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            Assert.True(same == (part == frozen || part == "clip"), $"{part} {(same ? "stayed" : "moved")}");
        }
    }

    [Fact]
    public void TheLossFalls()
    {
        using var tiny = new TinyNetworks();
        using var trainer = new JointTrainer(tiny.Networks, s_recipe);
        JointLoss[] losses = Run(trainer, 50);
        Assert.InRange(losses[^8..].Average(each => each.Total), 0, losses[..8].Average(each => each.Total) * 0.9);
        Assert.InRange(losses[^8..].Average(each => each.Task), 0, losses[..8].Average(each => each.Task) * 0.9);
        Assert.InRange(
            losses[^8..].Average(each => each.Recognition!.Value), 0, losses[..8].Average(each => each.Recognition!.Value) * 0.9);
    }

    [Fact]
    public void AResumedRunRepeatsTheLossesOfAnUninterruptedOne()
    {
        string folder = Directory.CreateTempSubdirectory("llicm-joint-").FullName;
        try
        {
            string path = Path.Combine(folder, "checkpoint.safetensors");
            JointLoss[] whole;
            using (var tiny = new TinyNetworks())
            using (var trainer = new JointTrainer(tiny.Networks, s_recipe))
            {
                Run(trainer, 3);
                Checkpoint.Save(path, trainer.State(), trainer.Step);
                whole = Run(trainer, 3);
            }
            // CLIP is frozen and no part of the checkpoint: the same start as the run's.
            using var other = new TinyNetworks();
            using var resumed = new JointTrainer(other.Networks, s_recipe);
            resumed.ResumeAt(Checkpoint.Load(path, resumed.State()));
            JointLoss[] again = Run(resumed, 3);
            for (int i = 0; i < whole.Length; i++)
                Assert.Equal(whole[i].Total, again[i].Total, Math.Abs(whole[i].Total) * 1e-5);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void APictureWithoutWordTakesPartWithoutRecognition()
    {
        using var tiny = new TinyNetworks();
        using var trainer = new JointTrainer(tiny.Networks, s_recipe);
        using var scope = new TensorScope();
        (Tensor degraded, Tensor clean) = Pictures(0);
        JointLoss loss = trainer.Train(degraded, clean, [-1, -1]);
        Assert.Null(loss.Recognition);
        Assert.True(double.IsFinite(loss.Total));
        Assert.NotNull(trainer.Train(degraded, clean, [-1, 2]).Recognition);
    }

    [Fact]
    public void AStepWithoutFiniteGradientChangesNothing()
    {
        using var tiny = new TinyNetworks();
        using var trainer = new JointTrainer(tiny.Networks, s_recipe);
        float[][] before = tiny.Snapshot("restorer");
        using var scope = new TensorScope();
        (Tensor degraded, _) = Pictures(0);
        JointLoss loss = trainer.Train(degraded, degraded * double.NaN, s_words);
        Assert.False(double.IsFinite(loss.GradientNorm));
        Assert.Equal(before, tiny.Snapshot("restorer"));
    }

    [Fact]
    public void ARecipeThatFreezesEverythingIsRefusedByName()
    {
        var error = Assert.Throws<TrainingException>(
            (s_recipe with { FreezeCodec = true, FreezeController = true, FreezeRestorer = true }).Validate);
        Assert.Contains("freeze_codec", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, 128)]
    [InlineData(200, 144)]
    [InlineData(64, 96)]
    public void DifferentiablePreprocessingDiffersFromTheExactOneByRoundingOnly(int width, int height)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        Tensor pictures = Tensor.Rand(2, 3, height, width);
        using Tensor exact = FeaturePreprocessing.Exact(pictures, 96).Unscoped();
        Tensor difference = (FeaturePreprocessing.Differentiable(pictures, 96) - exact).Abs();
        // Truncation takes half a level on average; two rounded passes add up to one; a level is 1/255/0.26.
        Assert.InRange(difference.Amax([0, 1, 2, 3]).Item(), 0, 2.6 / 255 / 0.26);
        Assert.InRange(difference.Mean().Item(), 0, 0.7 / 255 / 0.26);
    }

    private static readonly string[] Parts = ["codec", "controller", "clip", "restorer"];

    private static double GradientOfTheCodec(TinyNetworks tiny, JointRecipe recipe)
    {
        using var scope = new TensorScope();
        // Rate and distortion out of the way: what is left comes from behind the codec.
        using var trainer = new JointTrainer(tiny.Networks, recipe with { Alpha = 0, Beta = 0 });
        foreach (Tensor parameter in tiny.Networks.Codec.Parameters()) parameter.Grad = null;
        (Tensor degraded, Tensor clean) = Pictures(0);
        trainer.Loss(degraded, clean, s_words).Total.Backward();
        return Math.Sqrt(tiny.Networks.Codec.Analysis.Parameters()
            .Select(each => each.Grad is { } gradient ? gradient.Norm(2, []).Item() : 0).Sum(norm => norm * norm));
    }

    private static JointLoss[] Run(JointTrainer trainer, int steps)
    {
        var losses = new JointLoss[steps];
        for (int i = 0; i < steps; i++)
        {
            using var scope = new TensorScope();
            (Tensor degraded, Tensor clean) = Pictures(trainer.Step % 2);
            losses[i] = trainer.Train(degraded, clean, s_words);
        }
        return losses;
    }

    // Waves, and the same behind a grey veil or with stripes.
    private static (Tensor Degraded, Tensor Clean) Pictures(long step)
    {
        var clean = new float[2 * 3 * 64 * 64];
        var degraded = new float[clean.Length];
        for (int i = 0; i < clean.Length; i++)
        {
            clean[i] = (float)(0.5 + 0.3 * Math.Sin(i % 64 * 0.1 + step) * Math.Cos(i / 64 % 64 * 0.07));
            degraded[i] = i < clean.Length / 2 ? 0.5f * clean[i] + 0.4f : Math.Min(1, clean[i] + (i % 8 == 0 ? 0.3f : 0));
        }
        return (Tensor.From<float>(degraded, [2, 3, 64, 64]), Tensor.From<float>(clean, [2, 3, 64, 64]));
    }
}
