namespace LlIcm.Tensors.Modules;

/// <summary>Layer normalisation over the last dimension.</summary>
public sealed class LayerNorm : UnaryModule
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    /// <summary>Starts as the plain normalisation.</summary>
    public LayerNorm(long width, double epsilon = 1e-5)
    {
        _shape = [width];
        _epsilon = epsilon;
        Weight = Parameter("weight", Tensor.Ones(_shape));
        Bias = Parameter("bias", Tensor.Zeros(_shape));
    }

    /// <summary>[W].</summary>
    public Tensor Weight { get; }

    /// <summary>[W].</summary>
    public Tensor Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.LayerNorm(_shape, Weight, Bias, _epsilon);
}
