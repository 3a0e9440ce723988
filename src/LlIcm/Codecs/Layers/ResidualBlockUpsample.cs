using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>RBU: sub-pixel conv3×3 – GELU – conv3×3 – IGDN, plus a sub-pixel conv3×3 skip.</summary>
public sealed class ResidualBlockUpsample : UnaryModule
{
    private readonly Activation _activation;
    private readonly Sequential _subpel, _skip;
    private readonly GeneralizedDivisiveNormalization _igdn;

    /// <summary>A block that doubles height and width.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="activation">Null: GELU, MLIC's.</param>
    public ResidualBlockUpsample(long inputs, long outputs, Activation? activation = null)
    {
        _activation = activation ?? Activation.Gelu();
        _subpel = Child("subpel_conv", SubpelConv(inputs, outputs));
        Conv = Child("conv", new Conv2d(outputs, outputs, 3));
        _igdn = Child("igdn", new GeneralizedDivisiveNormalization(outputs, inverse: true));
        _skip = Child("upsample", SubpelConv(inputs, outputs));
    }

    internal Conv2d Conv { get; }

    internal Conv2d Skip => (Conv2d)_skip.Modules[0];

    /// <summary>conv3×3 to four times the channels and pixel shuffle: doubles height and width.</summary>
    public static Sequential SubpelConv(long inputs, long outputs) =>
        new(new Conv2d(inputs, outputs * 4, 3), Activation.PixelShuffle(2));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        _igdn.Forward(Conv.Forward(_activation.Forward(_subpel.Forward(input)))) + _skip.Forward(input);
}
