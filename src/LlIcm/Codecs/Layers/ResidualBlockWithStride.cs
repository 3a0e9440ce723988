using LlIcm.Torch;
using LlIcm.Torch.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>RBS: conv3×3 stride 2 – GELU – conv3×3 – GDN, plus a 1×1 stride-2 skip.</summary>
public sealed class ResidualBlockWithStride : UnaryModule
{
    private readonly Conv2d _conv1, _conv2, _skip;
    private readonly GeneralizedDivisiveNormalization _gdn;

    /// <summary>A block that halves height and width.</summary>
    public ResidualBlockWithStride(long inputs, long outputs)
    {
        _conv1 = Child("conv1", new Conv2d(inputs, outputs, 3, stride: 2));
        _conv2 = Child("conv2", new Conv2d(outputs, outputs, 3));
        _gdn = Child("gdn", new GeneralizedDivisiveNormalization(outputs));
        _skip = Child("skip", new Conv2d(inputs, outputs, 1, stride: 2));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        _gdn.Forward(_conv2.Forward(_conv1.Forward(input).Gelu())) + _skip.Forward(input);
}
