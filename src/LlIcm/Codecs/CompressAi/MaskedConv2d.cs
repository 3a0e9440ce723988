using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.CompressAi;

/// <summary>A 5×5 convolution that sees only what comes before its centre in raster order.</summary>
internal sealed class MaskedConv2d : UnaryModule
{
    public const int Kernel = 5;

    private readonly Tensor _weight, _mask;

    public MaskedConv2d(int inputs, int outputs)
    {
        long[] shape = [outputs, inputs, Kernel, Kernel];
        long fanIn = (long)inputs * Kernel * Kernel;
        _weight = Parameter("weight", Initialization.FanIn(shape, fanIn));
        Bias = Parameter("bias", Initialization.FanIn([outputs], fanIn));
        const int before = Kernel * Kernel / 2;
        float[] seen = [.. Enumerable.Range(0, Kernel * Kernel).Select(i => i < before ? 1f : 0f)];
        using var scope = new TensorScope();
        _mask = Buffer("mask", Tensor.From<float>(seen, [1, 1, Kernel, Kernel]).Expand(shape).Clone());
    }

    public Tensor Bias { get; }

    /// <summary>The weights that count. Checkpoints hold others at the masked places.</summary>
    public Tensor Weight => _weight * _mask;

    public override Tensor Forward(Tensor input) => input.Conv2d(Weight, Bias, 1, Kernel / 2);
}
