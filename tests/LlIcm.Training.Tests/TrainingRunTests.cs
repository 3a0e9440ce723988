using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Training.Tests;

public class TrainingRunTests
{
    [Fact]
    public void TheLossFallsAndTheLogHasEveryStep()
    {
        using var folder = new RunFolder();
        Assert.Equal(40, Run(folder, new ToyRecipe()));
        double[] losses = folder.Losses("toy");
        Assert.Equal(40, losses.Length);
        Assert.InRange(losses[^5..].Average(), 0, losses[..5].Average() * 0.5);
        Assert.True(File.Exists(folder.At("toy.safetensors")));
        Assert.Single(Directory.GetFiles(folder.At("events/toy")));
    }

    [Fact]
    public void AnInterruptedRunGoesOnToTheSameLossesAndWeights()
    {
        using RunFolder whole = new(), parts = new();
        var recipe = new ToyRecipe { CheckpointEvery = 7 };
        float[] expected = [], actual = [];
        Run(whole, recipe, stage => expected = stage.Weight);
        using (var stop = new CancellationTokenSource())
        using (var stage = new ToyStage(recipe) { OnPass = step => { if (step == 16) stop.Cancel(); } })
            Assert.Equal(17, new TrainingRun<float[]>(stage, parts.Options()).Execute(stop.Token));
        Run(parts, recipe, stage => actual = stage.Weight, resume: true);
        Assert.Equal(expected, actual);
        Assert.Equal(whole.Losses("toy"), parts.Losses("toy"));
    }

    [Fact]
    public void AFailureLeavesTheLastCheckpointAndTheRunRepeatsWhatCameAfterIt()
    {
        using RunFolder whole = new(), parts = new();
        var recipe = new ToyRecipe { CheckpointEvery = 7 };
        Run(whole, recipe);
        using (var stage = new ToyStage(recipe) { OnPass = step => { if (step == 16) throw new InvalidOperationException(); } })
            Assert.Throws<InvalidOperationException>(() => new TrainingRun<float[]>(stage, parts.Options()).Execute());
        Assert.Equal(16, parts.Losses("toy").Length);
        Run(parts, recipe, resume: true);
        Assert.Equal(whole.Log("toy", "loss"), parts.Log("toy", "loss"));
    }

    [Fact]
    public void AccumulatedPartsGiveTheLossesOfTheWholeBatch()
    {
        using RunFolder whole = new(), parts = new();
        Run(whole, new ToyRecipe());
        Run(parts, new ToyRecipe { Accumulate = 4 });
        foreach (string value in (string[])["loss", "absolute"])
        {
            var expected = whole.Log("toy", value);
            var actual = parts.Log("toy", value);
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i].Value, actual[i].Value, Math.Abs(expected[i].Value) * 1e-4 + 1e-6);
        }
    }

    [Fact]
    public void ABoundThatNoSampleReachesChangesNothing()
    {
        using RunFolder whole = new(), samples = new();
        Run(whole, new ToyRecipe());
        Run(samples, new ToyRecipe { ClipSamples = 1e9 });
        var expected = whole.Log("toy", "loss");
        var actual = samples.Log("toy", "loss");
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i].Value, actual[i].Value, Math.Abs(expected[i].Value) * 1e-4 + 1e-6);
        Assert.All(samples.Log("toy", "clipped"), each => Assert.Equal(0, each.Value));
    }

    [Fact]
    public void AStepIsTheMeanOfTheSamplesClippedGradients()
    {
        const double Bound = 2;
        var recipe = new ToyRecipe { Steps = 1, ClipSamples = Bound, ClipNorm = 0 };
        using var scope = new TensorScope();
        using ToyStage stage = new(recipe), alone = new(recipe);
        double[] mean = new double[3];
        double squares = 0;
        int tooLong = 0;
        for (int i = 0; i < recipe.BatchSize; i++)
        {
            var part = new BatchPart(i, 1, recipe.BatchSize);
            TorchRuntime.ManualSeed(recipe.SeedOf(0));
            alone.Optimizers[0].Adam.ZeroGrad();
            alone.Compute(alone.MakeBatch(0, part), 0, part).Total.Backward();
            float[] gradient = alone.Parameters[0].Tensor.Grad!.ToArray<float>();
            double norm = Math.Sqrt(gradient.Sum(each => (double)each * each));
            if (norm > Bound) tooLong++;
            squares += Math.Pow(Math.Min(norm, Bound), 2);
            for (int k = 0; k < 3; k++) mean[k] += gradient[k] * Math.Min(1, Bound / norm) / recipe.BatchSize;
        }
        // Some are, some are not.
        Assert.InRange(tooLong, 1, recipe.BatchSize - 1);
        using var folder = new RunFolder();
        new TrainingRun<float[]>(stage, folder.Options()).Execute();
        float[] actual = stage.Parameters[0].Tensor.Grad!.ToArray<float>();
        for (int k = 0; k < 3; k++) Assert.Equal(mean[k], actual[k], 1e-5);
        Assert.Equal((double)tooLong / recipe.BatchSize, folder.Log("toy", "clipped")[0].Value, 1e-9);
        // Σ over pairs of different samples = |Σ|² − Σ| |².
        double sum = mean.Sum(each => each * each) * recipe.BatchSize * recipe.BatchSize;
        Assert.Equal((sum - squares) / (recipe.BatchSize - 1) / squares, folder.Log("toy", "signal")[0].Value, 1e-5);
    }

    [Fact]
    public void AStepWithoutFiniteGradientIsSkippedAndCounted()
    {
        using var folder = new RunFolder();
        var lines = new List<string>();
        using var stage = new ToyStage(new ToyRecipe()) { Broken = [5, 6, 20] };
        new TrainingRun<float[]>(stage, folder.Options(lines: lines)).Execute();
        Assert.All(stage.Weight, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(37, stage.Optimizers[0].Adam.Steps);
        Assert.Equal((40, 3), folder.Log("toy", "skipped")[^1]);
        Assert.Contains(lines, line => line.Contains("step 6 skipped", StringComparison.Ordinal));
    }

    [Fact]
    public void TooManySkippedStepsInARowEndTheRunAndLeaveTheCheckpoint()
    {
        using var folder = new RunFolder();
        using var stage = new ToyStage(new ToyRecipe { CheckpointEvery = 10, MaxSkipped = 8 })
        {
            Broken = [.. Enumerable.Range(12, 20)],
        };
        var error = Assert.Throws<TrainingException>(() => new TrainingRun<float[]>(stage, folder.Options()).Execute());
        Assert.Contains("8 steps in a row", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        using var other = new ToyStage(new ToyRecipe());
        Assert.Equal(10, Checkpoint.Load(folder.At("toy.checkpoint.safetensors"), [("model.weight", other.Parameters[0].Tensor)]));
    }

    [Fact]
    public void TheBestWeightsAreKeptAndTheRunIsNotDisturbed()
    {
        using RunFolder plain = new(), validated = new();
        Run(plain, new ToyRecipe());
        using (var stage = new ToyStage(new ToyRecipe { ValidateEvery = 10 }) { Scores = new([1.0, 3.0, 2.0, 2.5]) })
            new TrainingRun<float[]>(stage, validated.Options()).Execute();
        Assert.Equal(plain.Losses("toy"), validated.Losses("toy"));
        var firsts = validated.Log("toy", "first", "validation");
        Assert.Equal([10, 20, 30, 40], firsts.Select(each => each.Step));
        using var best = new ToyStage(new ToyRecipe());
        best.LoadWeights(validated.At("best/toy.safetensors"));
        Assert.Equal(firsts[1].Value, best.Weight[0], 1e-3);
        Assert.NotEqual(firsts[3].Value, best.Weight[0], 1e-3);
    }

    [Fact]
    public void GivenWeightsStartARunWithAFreshOptimiser()
    {
        using RunFolder first = new(), second = new();
        float[] start = [];
        Run(first, new ToyRecipe(), stage => start = stage.Weight);
        float[] seen = [];
        ToyStage? made = null;
        using var stage = made = new ToyStage(new ToyRecipe { Steps = 1 }) { OnPass = _ => seen = made!.Weight };
        new TrainingRun<float[]>(stage, second.Options() with { Init = first.At("toy.safetensors") }).Execute();
        Assert.Equal(1, stage.Optimizers[0].Adam.Steps);
        Assert.NotEqual(0.5f, seen[0]);
        for (int i = 0; i < seen.Length; i++) Assert.Equal(start[i], seen[i], 0.2);
    }

    [Fact]
    public void AFolderWithACheckpointIsNotOverwritten()
    {
        using var folder = new RunFolder();
        Run(folder, new ToyRecipe());
        var error = Assert.Throws<TrainingException>(() => Run(folder, new ToyRecipe()));
        Assert.Contains("toy.checkpoint.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains("--resume", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACheckpointOfAnotherArchitectureIsRefusedByNameAndStays()
    {
        using var folder = new RunFolder();
        Run(folder, new ToyRecipe());
        string path = folder.At("toy.checkpoint.safetensors");
        byte[] before = File.ReadAllBytes(path);
        using var wider = new ToyStage(new ToyRecipe(), width: 5);
        var error = Assert.Throws<TrainingException>(() => new TrainingRun<float[]>(wider, folder.Options(resume: true)).Execute());
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.weight", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void ACheckpointThatCantBeWrittenIsNamedAndLeavesNothing()
    {
        using var folder = new RunFolder();
        string path = folder.At("toy.checkpoint.safetensors");
        using var stage = new ToyStage(new ToyRecipe { CheckpointEvery = 5 })
        {
            // A folder in the file's place.
            OnPass = step => { if (step == 3) Directory.CreateDirectory(path); },
        };
        var error = Assert.Throws<OutputException>(() => new TrainingRun<float[]>(stage, folder.Options()).Execute());
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [Fact]
    public void WhatAKilledRunLeftHalfWrittenIsRemoved()
    {
        using var folder = new RunFolder();
        File.WriteAllText(folder.At("toy.checkpoint.safetensors.0123.tmp"), "half");
        File.WriteAllText(folder.At("toy.log.jsonl"), "{\"step\":3,\"kind\":\"training\"}\n{\"step\":4,\"ki");
        Run(folder, new ToyRecipe(), resume: true);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
        Assert.Equal(Enumerable.Range(1, 40).Select(step => (long)step), folder.Log("toy", "loss").Select(each => each.Step));
    }

    private static long Run(RunFolder folder, ToyRecipe recipe, Action<ToyStage>? look = null, bool resume = false)
    {
        using var stage = new ToyStage(recipe);
        long steps = new TrainingRun<float[]>(stage, folder.Options(resume)).Execute();
        look?.Invoke(stage);
        return steps;
    }
}
