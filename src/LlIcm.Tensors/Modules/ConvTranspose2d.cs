namespace LlIcm.Tensors.Modules;

/// <summary>2-D transposed convolution with parameters <c>weight</c> [C, O, k, k], <c>bias</c> [O].</summary>
public sealed class ConvTranspose2d : UnaryModule
{
    private readonly int _stride, _padding, _outputPadding;

    /// <summary>A transposed convolution with PyTorch's default initialisation.</summary>
    public ConvTranspose2d(long inputs, long outputs, int kernel, int stride, int padding, int outputPadding)
    {
        (_stride, _padding, _outputPadding) = (stride, padding, outputPadding);
        long fanIn = outputs * kernel * kernel;
        Weight = Parameter("weight", Initialization.FanIn([inputs, outputs, kernel, kernel], fanIn));
        Bias = Parameter("bias", Initialization.FanIn([outputs], fanIn));
    }

    /// <summary>[C, O, k, k].</summary>
    public Tensor Weight { get; }

    /// <summary>[O].</summary>
    public Tensor Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        input.ConvTranspose2d(Weight, Bias, _stride, _padding, _outputPadding);
}
