using LlIcm.Codecs.Mlic;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch;

namespace LlIcm.Tests.Codecs;

public class WindowAttentionTests
{
    [Theory]
    [InlineData(1, 32, 32, 48)]
    [InlineData(2, 32, 16, 36)]
    [InlineData(1, 12, 2, 2)]
    [InlineData(1, 10, 18, 70)]
    [InlineData(3, 4, 4, 130)]
    [InlineData(1, 32, 40, 4)]
    [InlineData(1, 8, 66, 66)]
    public void TheFastPathEqualsTheWindowsLaidOut(long batch, int channels, long height, long width)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using WindowAttentionContext context = Context(channels, 1);
        Tensor anchors = Anchors(batch, channels, height, width);
        Tensor fast = context.ForwardNonAnchors(anchors);
        Golden.AssertClose(Checkerboard.NonAnchors(context.Forward(anchors)), fast, 1e-5, 1e-5);
    }

    [Fact]
    public void SharpAttentionIsExactToo()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using WindowAttentionContext context = Context(32, 2);
        Tensor anchors = Anchors(1, 32, 12, 20);
        Tensor fast = context.ForwardNonAnchors(anchors);
        Golden.AssertClose(Checkerboard.NonAnchors(context.Forward(anchors)), fast, 1e-4, 1e-4);
    }

    [Fact]
    public void LogitsThatReachTheMaskTakeTheLongWay()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using WindowAttentionContext context = Context(32, 30);
        Tensor anchors = Anchors(1, 32, 12, 20);
        Golden.AssertClose(Checkerboard.NonAnchors(context.Forward(anchors)), context.ForwardNonAnchors(anchors), 1e-4, 1e-4);
    }

    [Fact]
    public void GradientsTakeTheLongWay()
    {
        using var scope = new TensorScope();
        using WindowAttentionContext context = Context(8, 1);
        Tensor anchors = Anchors(1, 8, 4, 6);
        anchors.RequiresGrad = true;
        Tensor gradient = context.ForwardNonAnchors(anchors).Sum().Gradients([anchors])[0]!;
        Assert.True(gradient.Abs().Amax([]).Item() > 0);
    }

    // Trained weights are sharper than PyTorch's initial ones: queries and keys are scaled, the table is no longer near 0.
    private static WindowAttentionContext Context(int channels, double sharpness)
    {
        TorchRuntime.ManualSeed((ulong)channels);
        var context = new WindowAttentionContext(channels);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        foreach ((string name, Tensor tensor) in context.NamedParameters())
        {
            if (name == "relative_position_table") tensor.NormalInPlace(0, 1);
            if (name == "qkv_proj.weight") tensor.NormalInPlace(0, sharpness / Math.Sqrt(channels));
            if (name.StartsWith("norm1", StringComparison.Ordinal)) tensor.UniformInPlace(0.5, 1.5);
        }
        return context;
    }

    private static Tensor Anchors(long batch, long channels, long height, long width)
    {
        Tensor values = Tensor.Randn(batch, channels, height, width) * 3;
        return values * Checkerboard.AnchorMask(values);
    }
}
