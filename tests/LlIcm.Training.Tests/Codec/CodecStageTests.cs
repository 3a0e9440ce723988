using LlIcm.Codecs.Mlic;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Codec;

public class CodecStageTests
{
    private static readonly CodecRecipe s_recipe = new()
    {
        Steps = 6,
        BatchSize = 3,
        Crop = 64,
        Precision = ComputePrecision.Fp32,
        WarmUp = 0,
        Seed = 7,
        ReportEvery = 1,
    };

    [Fact]
    public void TheLossFalls()
    {
        using var folder = new RunFolder();
        Run(folder, s_recipe with { Steps = 30 });
        double[] losses = folder.Losses("codec");
        Assert.InRange(losses[^5..].Average(), 0, losses[..5].Average() * 0.9);
    }

    [Fact]
    public void AResumedRunRepeatsTheLossesOfAnUninterruptedOne()
    {
        using RunFolder whole = new(), parts = new();
        Run(whole, s_recipe);
        using (MlicModel model = Model())
        using (var stop = new CancellationTokenSource())
        using (var stage = new CodecStage(model, s_recipe, Crops))
            Assert.Equal(3, new TrainingRun<TrainingBatch>(
                stage, parts.Options() with { Progress = at => { if (at.Step == 3) stop.Cancel(); } }).Execute(stop.Token));
        // Other initial weights: all must come from the checkpoint.
        Run(parts, s_recipe, seed: 99, resume: true);
        AssertSame(whole.Losses("codec"), parts.Losses("codec"), 1e-5);
    }

    [Fact]
    public void AccumulatedPartsGiveTheLossesOfTheWholeBatch()
    {
        using RunFolder whole = new(), parts = new();
        Run(whole, s_recipe);
        Run(parts, s_recipe with { Accumulate = 2 });
        // Convolutions of another batch size round otherwise, and Adam's first steps make much of little.
        double[] expected = whole.Losses("codec"), actual = parts.Losses("codec");
        AssertSame(expected[..2], actual[..2], 1e-3);
        AssertSame(expected, actual, 4e-3);
    }

    [Fact]
    public void ValidationGivesRatesAndQualities()
    {
        using MlicModel model = Model();
        var photos = new PhotoCache([Photo(130, 70), Photo(64, 64)]);
        var validation = new CodecValidation(s_recipe, photos);
        using var stage = new CodecStage(model, s_recipe, Crops, validation: validation);
        StageValidation found = stage.Validate(CancellationToken.None)!;
        double[] rates = [.. found.Values.Where(each => each.Name.EndsWith("bpp", StringComparison.Ordinal)).Select(each => each.Value)];
        Assert.Equal(4, rates.Length);
        Assert.True(rates[0] < rates[^1]);
        Assert.All(found.Values, each => Assert.True(double.IsFinite(each.Value) && each.Value > 0));
        Assert.True(model.Training);
    }

    [Fact]
    public void WeightsForUseAndCheckpointsCanStartARun()
    {
        using RunFolder folder = new();
        Run(folder, s_recipe);
        foreach (string name in (string[])["codec.safetensors", "codec.checkpoint.safetensors", ""])
        {
            using MlicModel model = Model(seed: 5);
            float before = model.Analysis.Parameters().First().ToArray<float>()[0];
            using var stage = new CodecStage(model, s_recipe, Crops);
            stage.LoadWeights(folder.At(name));
            Assert.NotEqual(before, model.Analysis.Parameters().First().ToArray<float>()[0]);
        }
        using var wide = new MlicModel(TinyCodec.Options with { TransformWidths = [12, 12, 16] });
        using var other = new CodecStage(wide, s_recipe, Crops);
        var error = Assert.Throws<TrainingException>(() => other.LoadWeights(folder.Path));
        Assert.StartsWith(folder.At("codec.safetensors") + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains("g_a.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheWaveletStartIsATransformCodec()
    {
        using MlicModel model = Model();
        model.Train();
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor picture = Tensor.From<float>(Crops(0, BatchPart.Whole(2)).Degraded, [2, 3, 64, 64]);
        Tensor quality = Tensor.From<float>([8, 8], [2]);
        Tensor decoded = model.Forward(picture, quality).Reconstruction;
        // Smooth pictures survive the kept coefficients at fine steps nearly unchanged.
        Assert.InRange((decoded - picture).Square().Mean().Item(), 0, 1e-3);
    }

    [Fact]
    public void AFrozenAnalysisStaysWhileTheRestLearns()
    {
        using RunFolder folder = new();
        using MlicModel model = Model();
        float[] Values(LlIcm.Tensors.Modules.Module module) => [.. module.Parameters().SelectMany(each => each.Detach().ToArray<float>())];
        (float[] analysis, float[] gains, float[] synthesis) = (Values(model.Analysis), Values(model.Gains!), Values(model.Synthesis));
        using var stage = new CodecStage(model, s_recipe with { FreezeAnalysis = true, Steps = 2, EmaDecay = 0 }, Crops);
        new TrainingRun<TrainingBatch>(stage, folder.Options()).Execute();
        Assert.Equal(analysis, Values(model.Analysis));
        Assert.Equal(gains, Values(model.Gains!));
        Assert.NotEqual(synthesis, Values(model.Synthesis));
    }

    private static MlicModel Model(ulong seed = 1)
    {
        TorchRuntime.ManualSeed(seed);
        var model = new MlicModel(TinyCodec.Options);
        HaarInitialization.Apply(model);
        return model;
    }

    private static void Run(RunFolder folder, CodecRecipe recipe, ulong seed = 1, bool resume = false)
    {
        using MlicModel model = Model(seed);
        using var stage = new CodecStage(model, recipe, Crops);
        new TrainingRun<TrainingBatch>(stage, folder.Options(resume)).Execute();
    }

    private static void AssertSame(double[] expected, double[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], Math.Abs(expected[i]) * relative);
    }

    private static TrainingBatch Crops(long step, BatchPart part) =>
        new([.. Enumerable.Range(part.First, part.Count).Select(k =>
        {
            var crop = new PlanarImage(64, 64);
            for (int i = 0; i < crop.Pixels.Length; i++)
                crop.Pixels[i] = (float)(0.5 + 0.3 * Math.Sin(i % 64 * 0.1 + step + k) * Math.Cos(i / 64 % 64 * 0.07));
            return new DegradedSample(crop, crop, Degradation.Clean, null);
        })]);

    private static Picture Photo(int width, int height)
    {
        var rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(128 + 100 * Math.Sin(i / 3 % width * 0.2) * Math.Cos(i / 3 / width * 0.1));
        return new Picture(width, height, rgb);
    }
}
