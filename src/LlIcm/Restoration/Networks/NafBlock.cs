using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// The block of NAFNet (arXiv 2204.04676) with time modulation (Refusion, arXiv 2304.08291): gated depthwise
/// convolution with channel attention, then a gated feed-forward part, each behind a channel LayerNorm.
/// </summary>
internal sealed class NafBlock : Module
{
    private static readonly Operator s_addcmul = new("addcmul");

    private readonly Sequential _mlp, _attention;
    private readonly Conv2d _conv1, _conv2, _conv3, _conv4, _conv5;
    private readonly ChannelLayerNorm _norm1, _norm2;
    private readonly Tensor _beta, _gamma;

    public NafBlock(int channels, int timeWidth, int contentWidth)
    {
        _beta = Parameter("beta", Tensor.Zeros([1, channels, 1, 1]));
        _gamma = Parameter("gamma", Tensor.Zeros([1, channels, 1, 1]));
        _mlp = Child("mlp", new Sequential(SimpleGate(), new Linear(timeWidth / 2, channels * 4)));
        _conv1 = Child("conv1", new Conv2d(channels, channels * 2, 1));
        _conv2 = Child("conv2", new Conv2d(channels * 2, channels * 2, 3, groups: channels * 2));
        _conv3 = Child("conv3", new Conv2d(channels, channels, 1));
        _attention = Child("sca", new Sequential(
            new Activation(x => x.Mean([2, 3], keep: true)), new Conv2d(channels, channels, 1)));
        _conv4 = Child("conv4", new Conv2d(channels, channels * 2, 1));
        _conv5 = Child("conv5", new Conv2d(channels, channels, 1));
        _norm1 = Child("norm1", new ChannelLayerNorm(channels));
        _norm2 = Child("norm2", new ChannelLayerNorm(channels));
        if (contentWidth > 0) Content = Child("content_proj", new ZeroLinear(contentWidth, channels));
    }

    /// <summary>Embedding [B, C] → the vector that is added at every position, where the block takes one.</summary>
    public ZeroLinear? Content { get; }

    /// <summary>The halves of dimension 1 multiplied.</summary>
    public static Activation SimpleGate() => new(Gate);

    /// <param name="input">[B, C, H, W].</param>
    /// <param name="time">The time embedding [B or 1, time width].</param>
    /// <param name="content">[B, C, 1, 1], or null.</param>
    public Tensor Forward(Tensor input, Tensor time, Tensor? content)
    {
        using var scope = new TensorScope();
        if (content is not null) input += content.To(input.Type);
        Tensor[] modulation = _mlp.Forward(time).Unsqueeze(2).Unsqueeze(3).Chunk(4, 1);
        (Tensor shift1, Tensor scale1) = (modulation[0], modulation[1] + 1);
        (Tensor shift2, Tensor scale2) = (modulation[2], modulation[3] + 1);
        Tensor x = s_addcmul.Call(shift1, _norm1.Forward(input), scale1);
        x = Gate(_conv2.Forward(_conv1.Forward(x)));
        x = _conv3.Forward(x * _attention.Forward(x));
        Tensor y = s_addcmul.Call(input, x, _beta);
        x = s_addcmul.Call(shift2, _norm2.Forward(y), scale2);
        x = _conv5.Forward(Gate(_conv4.Forward(x)));
        return scope.Keep(s_addcmul.Call(y, x, _gamma));
    }

    private static Tensor Gate(Tensor x)
    {
        long half = x.Size(1) / 2;
        return x.Narrow(1, 0, half) * x.Narrow(1, half, half);
    }
}
