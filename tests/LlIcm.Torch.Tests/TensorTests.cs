using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Torch.Tests;

public class TensorTests
{
    [Fact]
    public void ValuesGoInAndComeOutUnchanged()
    {
        using Tensor tensor = Tensor.From<float>([1, 2, 3, 4, 5, 6], [2, 3]);
        Assert.Equal([2L, 3L], tensor.Shape.ToArray());
        Assert.Equal([1f, 2f, 3f, 4f, 5f, 6f], tensor.ToArray<float>());
        using Tensor transposed = tensor.Transpose(0, 1);
        Assert.Equal([1f, 4f, 2f, 5f, 3f, 6f], transposed.ToArray<float>());
    }

    [Fact]
    public void AutogradGoesThroughTheBoxedDispatcher()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.From<float>([1, 2, 3], [3]);
        x.RequiresGrad = true;
        (x * x * x).Sum().Backward();
        Assert.Equal([3f, 12f, 27f], x.Grad!.ToArray<float>());
    }

    [Theory]
    [InlineData(MemoryFormat.Contiguous)]
    [InlineData(MemoryFormat.ChannelsLast)]
    public void GeluIsTheSameInEveryMemoryFormat(MemoryFormat format)
    {
        using var scope = new TensorScope();
        Tensor rows = Tensor.Randn(2, 5, 3, 4), map = rows.Contiguous(format);
        map.RequiresGrad = true;
        Tensor output = map.Gelu();
        // A gradient that lies in another order than the map.
        output.Backward(Tensor.Ones([2, 1, 1, 4]).Expand(2, 5, 3, 4));
        double root = Math.Sqrt(0.5);
        Tensor normal = (new Operator("erf").Call(rows * root) + 1) * 0.5;
        Assert.True((output.Detach() - rows * normal).Abs().Amax([]).Item() < 1e-6);
        Tensor slope = normal + rows * (rows.Square() * -0.5).Exp() * (1 / Math.Sqrt(2 * Math.PI));
        Assert.True((map.Grad! - slope).Abs().Amax([]).Item() < 1e-6);
    }

    [Fact]
    public void LowerBoundPassesGradientsThatWouldRaiseTheValue()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.From<float>([0.5f, 2f, 0.5f, 2f], [4]);
        x.RequiresGrad = true;
        Tensor weights = Tensor.From<float>([1f, 1f, -1f, -1f], [4]);
        Tensor y = x.LowerBound(1);
        Assert.Equal([1f, 2f, 1f, 2f], y.ToArray<float>());
        (y * weights).Sum().Backward();
        Assert.Equal([0f, 1f, -1f, -1f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void AnErrorNamesTheOperatorAndTheShapes()
    {
        using Tensor a = Tensor.Zeros([2, 3]);
        using Tensor b = Tensor.Zeros([4, 5]);
        var error = Assert.Throws<TensorException>(() => a.Matmul(b));
        Assert.Contains("matmul", error.Message, StringComparison.Ordinal);
        Assert.Contains("[4, 5]", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownOperatorIsAnError()
        => Assert.Throws<TensorException>(() => new Operator("no_such_operator").Call(1));

    [Fact]
    public void AScopeFreesWhatIsNotKept()
    {
        long before = TorchRuntime.LiveTensors;
        Tensor kept;
        using (var scope = new TensorScope())
        {
            Tensor a = Tensor.Ones([4]);
            for (int i = 0; i < 10; i++) a = a + 1;
            kept = scope.Keep(a);
        }
        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        Assert.Equal(11f, kept.ToArray<float>()[0]);
        kept.Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
        Assert.Throws<ObjectDisposedException>(() => kept + 1);
    }

    [Fact]
    public async Task AScopeFollowsAwait()
    {
        long before = TorchRuntime.LiveTensors;
        using (new TensorScope())
        {
            _ = Tensor.Ones([4]);
            await Task.Yield();
            _ = Tensor.Ones([4]) + 1;
        }
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void AdamLearnsALine()
    {
        using var layer = new Linear(1, 1);
        using var adam = new Adam(layer.Parameters(), 0.1);
        double loss = double.NaN;
        for (int step = 0; step < 300; step++)
        {
            using var scope = new TensorScope();
            Tensor x = Tensor.Linspace(-1, 1, 16).Unsqueeze(1);
            adam.ZeroGrad();
            Tensor error = layer.Forward(x).MseLoss(x * 3 + 0.5);
            error.Backward();
            adam.ClipGradNorm(1.0);
            adam.Step();
            loss = error.Item();
        }
        Assert.InRange(loss, 0, 1e-4);
        Assert.InRange(layer.Weight.ToArray<float>()[0], 2.9f, 3.1f);
    }

    [Fact]
    public void OptionalAndListArgumentsReachTheSchema()
    {
        using var scope = new TensorScope();
        Tensor image = Tensor.Arange(0, 16).Reshape(1, 1, 4, 4);
        Assert.Equal([1L, 1L, 6L, 6L], image.Pad([1, 1, 1, 1]).Shape.ToArray());
        Assert.Equal([1L, 4L, 2L, 2L], image.PixelUnshuffle(2).Shape.ToArray());
        Assert.Equal(4, image.Reshape(16).Chunk(4, 0).Length);
        Assert.Equal([[0f, 4, 8, 12], [1, 5, 9, 13]], image.Reshape(4, 4).Unbind(1).Take(2).Select(each => each.ToArray<float>()));
        Assert.Equal([5f], image.Clamp(5, 5).Amax([]).Reshape(1).ToArray<float>());
        Assert.Equal(120, Tensor.Cat(0, image, image).Sum().Item() / 2);
    }
}
