using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>RB: conv3×3 – GELU – conv3×3 – GELU (or another activation), plus the input (1×1 where widths differ).</summary>
public sealed class ResidualBlock : UnaryModule
{
    private readonly Activation _activation;
    private readonly Conv2d _conv1;
    private readonly Conv2d? _skip;

    /// <summary>A block from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="activation">Null: GELU, MLIC's.</param>
    public ResidualBlock(long inputs, long outputs, Activation? activation = null)
    {
        _activation = activation ?? Activation.Gelu();
        _conv1 = Child("conv1", new Conv2d(inputs, outputs, 3));
        Conv2 = Child("conv2", new Conv2d(outputs, outputs, 3));
        if (inputs != outputs) _skip = Child("skip", new Conv2d(inputs, outputs, 1));
    }

    internal Conv2d Conv2 { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Tensor output = _activation.Forward(Conv2.Forward(_activation.Forward(_conv1.Forward(input))));
        return output + (_skip?.Forward(input) ?? input);
    }
}
