namespace LlIcm.Tensors.Modules;

/// <summary>Group normalisation over [B, C, …].</summary>
public sealed class GroupNorm : UnaryModule
{
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>Starts as the plain normalisation.</summary>
    public GroupNorm(int groups, long channels, double epsilon = 1e-5)
    {
        (_groups, _epsilon) = (groups, epsilon);
        Weight = Parameter("weight", Tensor.Ones([channels]));
        Bias = Parameter("bias", Tensor.Zeros([channels]));
    }

    /// <summary>[C].</summary>
    public Tensor Weight { get; }

    /// <summary>[C].</summary>
    public Tensor Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.GroupNorm(_groups, Weight, Bias, _epsilon);
}
