using LlIcm.Torch;
using LlIcm.Torch.Modules;

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
        return scope.Keep(!GradMode.IsEnabled && input.Size(0) == 1 && time.Size(0) == 1
            ? Folded(input, shift1, scale1, shift2, scale2) : Plain(input, shift1, scale1, shift2, scale2));
    }

    private Tensor Plain(Tensor input, Tensor shift1, Tensor scale1, Tensor shift2, Tensor scale2)
    {
        Tensor x = s_addcmul.Call(shift1, _norm1.Forward(input), scale1);
        x = Gate(_conv2.Forward(_conv1.Forward(x)));
        x = _conv3.Forward(x * _attention.Forward(x));
        Tensor y = s_addcmul.Call(input, x, _beta);

        x = s_addcmul.Call(shift2, _norm2.Forward(y), scale2);
        x = _conv5.Forward(Gate(_conv4.Forward(x)));
        return s_addcmul.Call(y, x, _gamma);
    }

    /// <summary>
    /// The same for one picture, with every factor a channel has moved into the 1×1 convolution beside it.
    /// </summary>
    private Tensor Folded(Tensor input, Tensor shift1, Tensor scale1, Tensor shift2, Tensor scale2)
    {
        Tensor x = Modulated(_conv1, _norm1.Normalize(input), shift1, scale1 * _norm1.Gain);
        x = Gate(_conv2.Forward(x));
        Tensor y = Scaled(_conv3, x, _attention.Forward(x), _beta).AddInPlace(input);

        x = Gate(Modulated(_conv4, _norm2.Normalize(y), shift2, scale2 * _norm2.Gain));
        return Scaled(_conv5, x, null, _gamma).AddInPlace(y);
    }

    /// <summary>conv(x·scale + shift), scale and shift [1, C, 1, 1].</summary>
    private static Tensor Modulated(Conv2d conv, Tensor x, Tensor shift, Tensor scale)
    {
        Tensor shifted = conv.Weight.Flatten(1).Matmul(shift.Reshape(-1, 1).To(conv.Weight.Type));
        return x.Conv2d(conv.Weight * scale, shifted.Reshape(-1) + conv.Bias!);
    }

    /// <summary>conv(x·before)·after, both [1, C, 1, 1].</summary>
    private static Tensor Scaled(Conv2d conv, Tensor x, Tensor? before, Tensor after)
    {
        Tensor rows = after.Reshape(-1, 1, 1, 1);
        Tensor weight = conv.Weight * rows;
        if (before is not null) weight *= before;
        return x.Conv2d(weight, conv.Bias! * after.Reshape(-1));
    }

    private static Tensor Gate(Tensor x)
    {
        long half = x.Size(1) / 2;
        return x.Narrow(1, 0, half) * x.Narrow(1, half, half);
    }
}
