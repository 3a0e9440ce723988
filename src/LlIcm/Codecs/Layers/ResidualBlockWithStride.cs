using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>RBS: conv3×3 stride 2 – GELU – conv3×3 – GDN, plus a stride-2 skip (1×1 in the papers).</summary>
public sealed class ResidualBlockWithStride : UnaryModule
{
    private readonly Activation _activation;
    private readonly Conv2d _conv1;
    private readonly GeneralizedDivisiveNormalization _gdn;

    /// <summary>A block that halves height and width.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="skipKernel">1 as published; 2 lets the skip see all four pixels it stands for.</param>
    /// <param name="activation">Null: GELU, MLIC's.</param>
    public ResidualBlockWithStride(long inputs, long outputs, int skipKernel = 1, Activation? activation = null)
    {
        _activation = activation ?? Activation.Gelu();
        _conv1 = Child("conv1", new Conv2d(inputs, outputs, 3, stride: 2));
        Conv2 = Child("conv2", new Conv2d(outputs, outputs, 3));
        _gdn = Child("gdn", new GeneralizedDivisiveNormalization(outputs));
        Skip = Child("skip", new Conv2d(inputs, outputs, skipKernel, stride: 2, padding: 0));
    }

    internal Conv2d Conv2 { get; }

    internal Conv2d Skip { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        _gdn.Forward(Conv2.Forward(_activation.Forward(_conv1.Forward(input)))) + Skip.Forward(input);
}
