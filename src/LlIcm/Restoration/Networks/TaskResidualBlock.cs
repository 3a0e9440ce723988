using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>x + conv3×3(LeakyReLU(conv3×3(x) + task)).</summary>
internal sealed class TaskResidualBlock : Module
{
    // A residual branch that starts small keeps the sum of many blocks at the size of its input.
    private const double BranchGain = 0.2;

    private readonly Conv2d _conv1;
    private readonly DilatedConv2d _conv2;
    private readonly double _slope;

    public TaskResidualBlock(int channels, int dilation, double slope)
    {
        _slope = slope;
        double deviation = Math.Sqrt(2.0 / (channels * 9));
        _conv1 = Child("conv1", new Conv2d(channels, channels, 3));
        Initialization.RefillNormal(_conv1.Weight, deviation);
        Initialization.RefillConstant(_conv1.Bias!, 0);
        _conv2 = Child("conv2", new DilatedConv2d(channels, dilation, BranchGain * deviation));
    }

    /// <param name="input">[B, C, H, W].</param>
    /// <param name="task">What is added to the hidden units, [B, C, 1, 1]; null for nothing.</param>
    public Tensor Forward(Tensor input, Tensor? task)
    {
        using var scope = new TensorScope();
        Tensor hidden = _conv1.Forward(input);
        if (task is not null) hidden += task;
        return scope.Keep(input + _conv2.Forward(hidden.LeakyRelu(_slope)));
    }

    private sealed class DilatedConv2d : UnaryModule
    {
        private readonly Tensor _weight, _bias;
        private readonly int _dilation;

        public DilatedConv2d(int channels, int dilation, double deviation)
        {
            _dilation = dilation;
            _weight = Parameter("weight", Initialization.Normal([channels, channels, 3, 3], deviation));
            _bias = Parameter("bias", Tensor.Zeros([channels]));
        }

        public override Tensor Forward(Tensor input) => input.Conv2d(_weight, _bias, 1, _dilation, 1, _dilation);
    }
}
