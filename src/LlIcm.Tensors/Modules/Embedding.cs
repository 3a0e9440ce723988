namespace LlIcm.Tensors.Modules;

/// <summary>A table of vectors picked by integer index.</summary>
public sealed class Embedding : UnaryModule
{
    /// <summary>A table of <paramref name="count"/> vectors, normally distributed.</summary>
    public Embedding(long count, long width) =>
        Weight = Parameter("weight", Initialization.Normal([count, width], 1));

    /// <summary>[V, D].</summary>
    public Tensor Weight { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Tensor.Embedding(Weight, input);
}
