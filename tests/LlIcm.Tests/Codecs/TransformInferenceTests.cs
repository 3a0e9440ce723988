using LlIcm.Codecs.Layers;
using LlIcm.Codecs.Mlic;
using LlIcm.TestSupport;
using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Tests.Codecs;

public class TransformInferenceTests
{
    [Theory]
    [InlineData(1, 64, 64, 24)]
    [InlineData(1, 64, 192, 17)]
    [InlineData(2, 128, 64, 32)]
    [InlineData(1, 80, 112, 5)]
    [InlineData(3, 16, 48, 48)]
    public void InferenceEqualsTheRecordedForwardPass(long batch, long height, long width, int channels)
    {
        using var scope = new TensorScope();
        using MlicModel model = Model(channels);
        Tensor picture = Tensor.Rand(batch, 3, height, width);
        Tensor expected = model.Analysis.Forward(picture);
        using (GradMode.Disable())
            Golden.AssertClose(expected, model.Analysis.Forward(picture), 1e-5, 1e-5, "y");
        Tensor latents = Tensor.Randn(batch, expected.Size(1), height / 16, width / 16) * 4;
        expected = model.Synthesis.Forward(latents);
        using (GradMode.Disable())
        {
            Tensor actual = model.Synthesis.Forward(latents);
            Golden.AssertClose(expected, actual, 1e-5, 1e-5, "x");
            Assert.True(actual.IsContiguous);
        }
    }

    [Fact]
    public void InputsAreLeftAsTheyWere()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using MlicModel model = Model(16);
        Tensor picture = Tensor.Rand(1, 3, 64, 64), copy = picture.Clone();
        model.Analysis.Forward(picture);
        Golden.AssertClose(copy, picture, 0);
        using var block = new ResidualBlock(8, 8);
        Tensor map = Tensor.Randn(1, 8, 6, 6);
        copy = map.Clone();
        block.Forward(map);
        Golden.AssertClose(copy, map, 0);
        using var chain = new Sequential(Activation.Identity(), Activation.Gelu(), Activation.Identity());
        chain.Forward(map);
        Golden.AssertClose(copy, map, 0);
    }

    [Fact]
    public void NarrowTransformsStayNearSingleOnes()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using MlicModel model = Model(32);
        Tensor picture = Tensor.Rand(1, 3, 64, 128);
        Tensor y = model.Analysis.Forward(picture), latents = Tensor.Randn(1, y.Size(1), 4, 8) * 4;
        Tensor x = model.Synthesis.Forward(latents);
        model.TransformPrecision = TransformPrecision.BFloat16;
        double error = RelativeError(y, model.Analysis.Forward(picture));
        Assert.InRange(error, 1e-6, 0.02);
        Tensor narrow = model.Synthesis.Forward(latents);
        Assert.Equal(ScalarType.Float, narrow.Type);
        Assert.InRange(RelativeError(x, narrow), 1e-6, 0.02);
    }

    private static double RelativeError(Tensor expected, Tensor actual) =>
        (expected - actual).Norm(2, []).Item() / expected.Norm(2, []).Item();

    private static MlicModel Model(int channels)
    {
        TorchRuntime.ManualSeed(7);
        return new MlicModel(MlicOptions.Family(channels, 4 * channels, 2));
    }
}
