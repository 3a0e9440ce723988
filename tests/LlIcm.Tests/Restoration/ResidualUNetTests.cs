using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Tests.Restoration;

public class ResidualUNetTests
{
    private static readonly ResidualUNetOptions s_small = ResidualUNetOptions.Compact with
    {
        Widths = [8, 12, 16],
        Blocks = [1, 2],
        MiddleBlocks = 2,
        EmbeddingWidth = 10,
        DegradationWidth = 6,
        ContentWidth = 5,
    };

    [Fact]
    public void AFreshNetworkReturnsTheDegradedPicture()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new ResidualUNet(s_small);
        Tensor condition = Tensor.Rand(2, 3, 19, 13);
        Tensor output = network.Forward(Tensor.Randn(2, 3, 19, 13), condition, Tensor.Scalar(7).Reshape(1));
        Golden.AssertClose(condition, output, 0);
    }

    [Fact]
    public void EveryParameterLearnsOnceTheZeroLayersHaveMoved()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var network = new ResidualUNet(s_small);
        network.RequireGrad();
        using (GradMode.Disable())
            foreach (Tensor parameter in network.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.05);

        Tensor clean = Tensor.Rand(2, 3, 16, 24);
        Tensor output = network.Forward(
            Tensor.Randn(2, 3, 16, 24), Tensor.Rand(2, 3, 16, 24), Tensor.From<float>([3, 80], [2]),
            Tensor.Randn(2, 6), Tensor.Randn(2, 5));
        output.L1Loss(clean).Backward();

        foreach ((string name, Tensor parameter) in network.NamedParameters())
        {
            Assert.True(parameter.Grad is not null, $"{name} has no gradient");
            Assert.True(parameter.Grad!.Abs().Sum().Item() > 0, $"{name} has a gradient of zero");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 17)]
    [InlineData(40, 9)]
    public void AnySizeKeepsItsSize(int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new ResidualUNet(s_small);
        Tensor picture = Tensor.Rand(1, 3, height, width);
        Tensor output = network.Forward(
            picture, picture, Tensor.From<float>([2.5f], [1]), Tensor.Randn(1, 6), Tensor.Randn(1, 5));
        Assert.Equal([1, 3, height, width], output.Shape.ToArray());
    }

    [Fact]
    public void BothEmbeddingsMatter()
    {
        TorchRuntime.ManualSeed(5);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new ResidualUNet(s_small);
        foreach (Tensor parameter in network.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.1);
        Tensor state = Tensor.Rand(1, 3, 16, 16), time = Tensor.From<float>([50], [1]);
        Tensor degradation = Tensor.Randn(1, 6), content = Tensor.Randn(1, 5);

        Tensor both = network.Forward(state, state, time, degradation, content);
        Assert.True(Difference(both, network.Forward(state, state, time, null, content)) > 1e-5);
        Assert.True(Difference(both, network.Forward(state, state, time, degradation, null)) > 1e-5);
    }

    [Fact]
    public void TrainingLowersTheLoss()
    {
        TorchRuntime.ManualSeed(1);
        using var outer = new TensorScope();
        using var network = new ResidualUNet(s_small);
        network.RequireGrad();
        using var adam = new Adam(network.Parameters(), 2e-3);
        Tensor clean = Tensor.Rand(4, 3, 16, 16), degraded = clean * 0.5 + 0.1;
        double first = 0, last = 0;
        for (int step = 0; step < 150; step++)
        {
            using var scope = new TensorScope();
            Tensor output = network.Forward(
                degraded + Tensor.Randn(4, 3, 16, 16) * 0.1, degraded, Tensor.From<float>([50], [1]),
                Tensor.Ones([4, 6]), Tensor.Ones([4, 5]));
            Tensor loss = output.L1Loss(clean);
            last = loss.Item();
            if (step == 0) first = last;
            adam.ZeroGrad();
            loss.Backward();
            adam.Step();
        }
        Assert.True(last < 0.5 * first, $"the loss went from {first} to {last}");
    }

    [Fact]
    public void AFileTellsItsShape()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string path = Path.Combine(folder, "restorer.safetensors");
            using var network = new ResidualUNet(s_small with { Target = PredictionTarget.Noise });
            LlIcmModel.SaveRestorer(network, path);
            using WeightFile file = WeightFile.Open(path);
            var options = ResidualUNetOptions.FromWeights(file);
            Assert.Equal(network.Options.Widths, options.Widths);
            Assert.Equal(network.Options.Blocks, options.Blocks);
            Assert.Equal(network.Options.Dilations, options.Dilations);
            Assert.Equal(
                network.Options with { Widths = options.Widths, Blocks = options.Blocks, Dilations = options.Dilations }, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void AFileThatSaysNothingHasPlainConvolutionsAndReLu()
    {
        ResidualUNetOptions options = ReadBack([]);
        Assert.Empty(options.Dilations);
        Assert.Equal(0, options.NegativeSlope);
    }

    [Theory]
    [InlineData("dilations", "1,two")]
    [InlineData("dilations", "1,0")]
    [InlineData("dilations", "65")]
    [InlineData("dilations", "")]
    [InlineData("negative_slope", "steep")]
    [InlineData("negative_slope", "-0.1")]
    [InlineData("negative_slope", "1")]
    [InlineData("negative_slope", "NaN")]
    public void MetadataThatMakesNoSenseIsNamed(string key, string value)
    {
        WeightFormatException error = Assert.Throws<WeightFormatException>(() => ReadBack(new() { [key] = value }));
        Assert.Contains($"{key} '{value}'", error.Message, StringComparison.Ordinal);
    }

    // A large step may put a unit below 0 for every picture; with a slope of 0 that is for good.
    [Theory]
    [InlineData(0.1, true)]
    [InlineData(0, false)]
    public void UnitsBelowZeroLearnIfThereIsASlope(double slope, bool learn)
    {
        TorchRuntime.ManualSeed(4);
        using var scope = new TensorScope();
        using var network = new ResidualUNet(s_small with { NegativeSlope = slope });
        network.RequireGrad();
        using (GradMode.Disable())
        {
            foreach ((string name, Tensor parameter) in network.NamedParameters())
            {
                parameter.AddInPlace(parameter.RandnLike(), 0.05);
                if (name.EndsWith("conv1.bias", StringComparison.Ordinal)) parameter.FillInPlace(-100);
            }
        }
        Tensor output = network.Forward(
            Tensor.Randn(1, 3, 16, 16), Tensor.Rand(1, 3, 16, 16), Tensor.From<float>([80], [1]), Tensor.Randn(1, 6), Tensor.Randn(1, 5));
        output.Square().Mean().Backward();
        foreach ((string name, Tensor parameter) in network.NamedParameters())
            if (name.EndsWith("conv1.weight", StringComparison.Ordinal)) Assert.Equal(learn, parameter.Grad!.Abs().Sum().Item() > 0);
    }

    [Fact]
    public void DilationsLetItSeeFurther()
    {
        Assert.False(Reaches([]));
        Assert.True(Reaches([16, 16]));

        static bool Reaches(int[] dilations)
        {
            TorchRuntime.ManualSeed(6);
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            using var network = new ResidualUNet(s_small with { Dilations = dilations });
            foreach ((string name, Tensor parameter) in network.NamedParameters())
            {
                parameter.AddInPlace(parameter.RandnLike(), 0.1);
                // The mean over the picture sees everything.
                if (name.Contains("attention.weight", StringComparison.Ordinal)) parameter.FillInPlace(0);
            }
            Tensor picture = Tensor.Rand(1, 3, 8, 512), time = Tensor.From<float>([50], [1]), other = picture.Clone();
            other.Narrow(3, 0, 8).FillInPlace(1);
            Tensor Far(Tensor of) => network.Forward(of, of, time, Tensor.Ones([1, 6]), Tensor.Ones([1, 5])).Narrow(3, 200, 100);
            return Difference(Far(picture), Far(other)) > 0;
        }
    }

    private static ResidualUNetOptions ReadBack(Dictionary<string, string> metadata)
    {
        string path = Path.GetTempFileName();
        try
        {
            using var network = new ResidualUNet(s_small);
            LlIcmModel.SaveRestorer(network, metadata, path, ScalarType.Half);
            using WeightFile file = WeightFile.Open(path);
            return ResidualUNetOptions.FromWeights(file);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Difference(Tensor a, Tensor b) => (a - b).Abs().Amax([]).Item();
}
