namespace LlIcm.Tensors.Modules;

/// <summary>2-D convolution [B, C, H, W] → [B, O, H', W'] with parameters <c>weight</c>, <c>bias</c>.</summary>
public sealed class Conv2d : UnaryModule
{
    private readonly int _stride, _padding, _groups;

    /// <summary>A convolution with PyTorch's default initialisation.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Zeros around; null keeps the size at stride 1 (half the kernel).</param>
    /// <param name="groups">Channel groups.</param>
    /// <param name="bias">Whether there is a bias.</param>
    public Conv2d(
        long inputs, long outputs, int kernel, int stride = 1, int? padding = null, int groups = 1, bool bias = true)
    {
        (_stride, _padding, _groups) = (stride, padding ?? kernel / 2, groups);
        long fanIn = inputs / groups * kernel * kernel;
        Weight = Parameter("weight", Initialization.FanIn([outputs, inputs / groups, kernel, kernel], fanIn));
        if (bias) Bias = Parameter("bias", Initialization.FanIn([outputs], fanIn));
    }

    /// <summary>[O, C/groups, k, k].</summary>
    public Tensor Weight { get; }

    /// <summary>[O], or absent.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Conv2d(Weight, Bias, _stride, _padding, _groups);
}
