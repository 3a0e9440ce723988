using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

public sealed class ClipModelTests : IDisposable
{
    private static readonly ClipOptions s_small = new(12, 24, 8, 16, 2, 4, 8, 2, 2, 10, 50);

    private readonly TensorScope _scope = new();
    private readonly GradMode _noGrad = GradMode.Disable();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void WhatFollowsTheEndTokenDoesNotMatter()
    {
        using var model = new ClipModel(s_small);
        Tensor features = model.EncodeText(Tokens([1, 5, 49, 0, 0, 0], [1, 7, 8, 9, 49, 0]));
        Tensor padded = model.EncodeText(Tokens([1, 5, 49, 3, 2, 1, 0, 0, 0, 0], [1, 7, 8, 9, 49, 4, 4, 4, 4, 4]));
        Tensor alone = model.EncodeText(Tokens([1, 5, 49]));
        Golden.AssertClose(features, padded, 1e-5);
        Golden.AssertClose(features.Narrow(0, 0, 1), alone, 1e-5);
        Assert.True((features.Narrow(0, 0, 1) - features.Narrow(0, 1, 1)).Abs().Amax([0, 1]).Item() > 1e-3);
    }

    [Fact]
    public void WithoutTextLayersThereIsNoTextTower()
    {
        ClipOptions options = s_small with { TextLayers = 0 };
        using var model = new DaClipModel(options);
        string[] names = [.. model.Clip.StateDict().Select(each => each.Name)];
        Assert.Equal("logit_scale", names[0]);
        Assert.All(names.Skip(1), name => Assert.StartsWith("visual.", name, StringComparison.Ordinal));
        (Tensor content, Tensor degradation) = model.EncodeImage(Tensor.Rand(2, 3, 24, 24));
        Assert.Equal([2L, 12L], content.Shape.ToArray());
        Assert.Equal([2L, 12L], degradation.Shape.ToArray());
        var error = Assert.Throws<InvalidOperationException>(() => model.EncodeText(Tokens([1, 49])));
        Assert.Contains("without text tower", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsSurviveTheMetadataOfAWeightFile()
    {
        foreach (ClipOptions options in new[]
        {
            ClipOptions.VitB32, s_small with { QuickGelu = true },
            s_small with { TextLayers = 0, TextWidth = 0, TextHeads = 0, ContextLength = 0, VocabularySize = 0 },
        })
        {
            Assert.Equal(options, ClipOptions.FromMetadata(options.ToMetadata()));
        }
    }

    [FixtureTheory("restore", "clip.ViT-B-32.paper.keys.txt")]
    [InlineData("clip.ViT-B-32.paper.keys.txt")]
    [InlineData("daclip.ViT-B-32.paper.keys.txt")]
    public void ThePublishedShapesAreThoseOfViTB32(string file)
    {
        Dictionary<string, long[]> shapes = Golden.Keys("restore", file).ToDictionary(each => each.Name, each => each.Shape);
        Assert.Equal(ClipOptions.VitB32, ClipOptions.FromShapes(shapes.GetValueOrDefault));
    }

    [Fact]
    public void WrongShapesAreRefusedInOneLine()
    {
        using var model = new ClipModel(s_small);
        foreach (Action wrong in new Action[]
        {
            () => model.EncodeImage(Tensor.Rand(1, 3, 32, 32)),
            () => model.EncodeImage(Tensor.Rand(1, 1, 24, 24)),
            () => model.EncodeImage(Tensor.Rand(3, 24, 24)),
            () => model.EncodeText(Tensor.Zeros([1, 11], ScalarType.Long)),
            () => model.EncodeText(Tensor.Zeros([1, 4])),
            () => _ = new ClipModel(s_small with { PatchSize = 7 }),
            () => _ = new ClipModel(s_small with { VisionHeads = 3 }),
        })
        {
            var error = Assert.Throws<ArgumentException>(wrong);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void AFreshControllerLeavesTheContentAsClipSeesIt()
    {
        using var model = new DaClipModel(s_small);
        // Without a bias the published start moves all channels alike, which the next norm undoes.
        model.Clip.Visual.OutputNorm.Bias.UniformInPlace(-0.5, 0.5);
        model.InitializeController(exact: true);
        Tensor image = Tensor.Randn(2, 3, 24, 24);
        (Tensor content, Tensor degradation) = model.EncodeImage(image);
        Golden.AssertClose(model.Clip.EncodeImage(image), content, 1e-5);
        Golden.AssertClose(content, degradation, 1e-5);

        model.InitializeController();
        (Tensor steered, _) = model.EncodeImage(image);
        Assert.True((steered - content).Abs().Amax([0, 1]).Item() > 1e-3);
    }

    [Fact]
    public void WeightsWithoutTheDuplicatesOfTheSharedTowerLoad()
    {
        using var source = new DaClipModel(s_small);
        Dictionary<string, Tensor> state = source.StateDict().ToDictionary(each => each.Name, each => each.Tensor);
        Tensor image = Tensor.Randn(1, 3, 24, 24);
        (Tensor expected, _) = source.EncodeImage(image);
        foreach (string absent in new[] { "visual.", "clip.visual." })
        {
            using var model = new DaClipModel(s_small);
            model.LoadState(name => name.StartsWith(absent, StringComparison.Ordinal) ? null : state[name].Clone());
            (Tensor content, _) = model.EncodeImage(image);
            Golden.AssertClose(expected, content, 1e-5, what: "without " + absent);
        }
        using var incomplete = new DaClipModel(s_small);
        var error = Assert.Throws<TensorException>(() => incomplete.LoadState(
            name => name.Contains("visual.proj", StringComparison.Ordinal) ? null : state[name].Clone()));
        Assert.Contains("clip.visual.proj", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASharedParameterIsTrainedOnce()
    {
        using var model = new DaClipModel(s_small);
        Assert.Equal(model.Parameters().Count(), model.Parameters().Distinct().Count());
        Assert.DoesNotContain(
            model.TrainableParameters(), each => each.Name.StartsWith("visual.", StringComparison.Ordinal));
    }

    [Fact]
    public void TheTowersRunInBrainFloatingPoint()
    {
        using var model = new DaClipModel(s_small);
        model.InitializeController();
        Tensor image = Tensor.Randn(2, 3, 24, 24);
        (Tensor exact, _) = model.EncodeImage(image);
        model.To(Device.Cpu, ScalarType.BFloat16);
        (Tensor content, _) = model.EncodeImage(image);
        Assert.Equal(ScalarType.BFloat16, content.Type);
        // Of the whole vector: which single element is rounded worst depends on the draw of weights.
        Tensor error = content.To(ScalarType.Float) - exact;
        Assert.InRange(error.Norm(2, []).Item() / exact.Norm(2, []).Item(), 1e-6, 0.1);
    }

    [Fact]
    public void TheLikeliestWordComesFirst()
    {
        Tensor features = Tensor.Randn(10, 12);
        using var recogniser = new DegradationRecognizer(features);
        IReadOnlyList<(Degradation Degradation, double Probability)> found = recogniser.Recognize(features.Narrow(0, 6, 1) * 3);
        Assert.Equal(Degradation.Rainy, found[0].Degradation);
        Assert.Equal(1, found.Sum(each => each.Probability), 5);
        Assert.Equal(found.OrderByDescending(each => each.Probability), found);
        Assert.Throws<ArgumentException>(() => recogniser.Recognize(features));
        Assert.Throws<ArgumentException>(() => new DegradationRecognizer(features.Narrow(0, 0, 9)));
    }

    private static Tensor Tokens(params long[][] rows) =>
        Tensor.From<long>(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
}
