using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>A convolution that starts at 0, at stride 1 and unchanged size.</summary>
internal sealed class ZeroConv2d : UnaryModule
{
    private readonly Tensor _bias;
    private readonly int _padding, _dilation;

    public ZeroConv2d(long inputs, long outputs, int kernel, int dilation = 1)
    {
        (_padding, _dilation) = (kernel / 2 * dilation, dilation);
        Weight = Parameter("weight", Tensor.Zeros([outputs, inputs, kernel, kernel]));
        _bias = Parameter("bias", Tensor.Zeros([outputs]));
    }

    public Tensor Weight { get; }

    public override Tensor Forward(Tensor input) => input.Conv2d(Weight, _bias, 1, _padding, 1, _dilation);
}
