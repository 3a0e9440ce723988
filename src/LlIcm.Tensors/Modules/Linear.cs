namespace LlIcm.Tensors.Modules;

/// <summary>x·weightᵀ + bias over the last dimension.</summary>
public sealed class Linear : UnaryModule
{
    /// <summary>A linear layer with PyTorch's default initialisation.</summary>
    public Linear(long inputs, long outputs, bool bias = true)
    {
        Weight = Parameter("weight", Initialization.FanIn([outputs, inputs], inputs));
        if (bias) Bias = Parameter("bias", Initialization.FanIn([outputs], inputs));
    }

    /// <summary>[O, I].</summary>
    public Tensor Weight { get; }

    /// <summary>[O], or absent.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Linear(Weight, Bias);
}
