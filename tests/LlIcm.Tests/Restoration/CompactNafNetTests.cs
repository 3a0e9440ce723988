using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Tests.Restoration;

public class CompactNafNetTests
{
    private static readonly ConditionalNafNetOptions s_small = ConditionalNafNetOptions.Compact with
    {
        Width = 16,
        EncoderBlocks = [1, 1],
        DecoderBlocks = [1, 1],
        MiddleBlocks = 1,
        DegradationWidth = 6,
        ContentWidth = 5,
    };

    [Fact]
    public void AFreshNetworkReturnsTheDegradedPicture()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new ConditionalNafNet(s_small);
        Tensor condition = Tensor.Rand(2, 3, 19, 13);
        Tensor output = network.Forward(Tensor.Randn(2, 3, 19, 13), condition, Tensor.Scalar(7).Reshape(1));
        Golden.AssertClose(condition, output, 0);
    }

    [Fact]
    public void EveryParameterLearnsOnceTheZeroLayersHaveMoved()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var network = new ConditionalNafNet(s_small);
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
        using var network = new ConditionalNafNet(s_small);
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
        using var network = new ConditionalNafNet(s_small);
        foreach (Tensor parameter in network.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.1);
        Tensor state = Tensor.Rand(1, 3, 16, 16), time = Tensor.From<float>([50], [1]);
        Tensor degradation = Tensor.Randn(1, 6), content = Tensor.Randn(1, 5);

        Tensor both = network.Forward(state, state, time, degradation, content);
        Assert.True(Difference(both, network.Forward(state, state, time, null, content)) > 1e-5);
        Assert.True(Difference(both, network.Forward(state, state, time, degradation, null)) > 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TrainingLowersTheLoss(bool narrow)
    {
        TorchRuntime.ManualSeed(1);
        using var outer = new TensorScope();
        using var network = new ConditionalNafNet(s_small);
        network.RequireGrad();
        using var adam = new Adam(network.Parameters(), 2e-3);
        Tensor clean = Tensor.Rand(4, 3, 16, 16), degraded = clean * 0.5 + 0.1;
        double first = 0, last = 0;
        for (int step = 0; step < 60; step++)
        {
            using var scope = new TensorScope();
            using var autocast = new Autocast(Device.Cpu, enabled: narrow);
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

    private static double Difference(Tensor a, Tensor b) => (a - b).Abs().Amax([]).Item();
}
