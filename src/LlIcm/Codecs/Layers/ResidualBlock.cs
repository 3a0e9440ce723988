using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>RB of the MLIC transforms: conv3×3 – GELU – conv3×3 – GELU, plus the input (1×1 where widths differ).</summary>
public sealed class ResidualBlock : UnaryModule
{
    private readonly Conv2d _conv1;
    private readonly Conv2d? _skip;

    /// <summary>A block from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    public ResidualBlock(long inputs, long outputs)
    {
        _conv1 = Child("conv1", new Conv2d(inputs, outputs, 3));
        Conv2 = Child("conv2", new Conv2d(outputs, outputs, 3));
        if (inputs != outputs) _skip = Child("skip", new Conv2d(inputs, outputs, 1));
    }

    internal Conv2d Conv2 { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        if (GradMode.IsEnabled)
        {
            Tensor output = Conv2.Forward(_conv1.Forward(input).Gelu()).Gelu();
            return output + (_skip?.Forward(input) ?? input);
        }
        using Tensor hidden = _conv1.Forward(input).GeluInPlace();
        Tensor sum = Conv2.Forward(hidden).GeluInPlace();
        using Tensor? skip = _skip?.Forward(input);
        return sum.AddInPlace(skip ?? input);
    }
}
