namespace LlIcm.Tensors;

public sealed partial class Tensor
{
    private static readonly Operator s_sum = new("sum"), s_sumDim = new("sum", "dim_IntList"), s_mean = new("mean"),
        s_meanDim = new("mean", "dim"), s_varDim = new("var", "dim"), s_amax = new("amax"), s_amin = new("amin"),
        s_argmax = new("argmax"), s_cumsum = new("cumsum"), s_softmax = new("softmax", "int"),
        s_logSoftmax = new("log_softmax", "int"), s_norm = new("norm", "ScalarOpt_dim"), s_item = new("item"),
        s_allOf = new("all");

    /// <summary>Sum of all elements.</summary>
    public Tensor Sum() =>
        s_sum.Call(this);

    /// <summary>Sum over dimensions.</summary>
    public Tensor Sum(long[] dimensions, bool keep = false) =>
        s_sumDim.Call(this, dimensions, keep);

    /// <summary>Mean of all elements.</summary>
    public Tensor Mean() =>
        s_mean.Call(this);

    /// <summary>Mean over dimensions.</summary>
    public Tensor Mean(long[] dimensions, bool keep = false) =>
        s_meanDim.Call(this, dimensions, keep);

    /// <summary>Variance over dimensions.</summary>
    public Tensor Var(long[] dimensions, bool unbiased, bool keep = false) =>
        s_varDim.Call(this, dimensions, unbiased, keep);

    /// <summary>Largest over dimensions; of all if none is named.</summary>
    public Tensor Amax(long[] dimensions, bool keep = false) =>
        s_amax.Call(this, dimensions, keep);

    /// <summary>Smallest over dimensions; of all if none is named.</summary>
    public Tensor Amin(long[] dimensions, bool keep = false) =>
        s_amin.Call(this, dimensions, keep);

    /// <summary>Index of the largest along a dimension.</summary>
    public Tensor Argmax(int dimension, bool keep = false) =>
        s_argmax.Call(this, dimension, keep);

    /// <summary>Running sum along a dimension.</summary>
    public Tensor Cumsum(int dimension) =>
        s_cumsum.Call(this, dimension);

    /// <summary>Softmax along a dimension.</summary>
    public Tensor Softmax(int dimension) =>
        s_softmax.Call(this, dimension);

    /// <summary>Logarithm of the softmax along a dimension.</summary>
    public Tensor LogSoftmax(int dimension) =>
        s_logSoftmax.Call(this, dimension);

    /// <summary>p-norm over dimensions.</summary>
    public Tensor Norm(double p, long[] dimensions, bool keep = false) =>
        s_norm.Call(this, p, dimensions, keep);

    /// <summary>Vectors along a dimension scaled to the 2-norm 1; x / max(‖x‖, ε).</summary>
    public Tensor NormalizeL2(int dimension = -1, double epsilon = 1e-12) =>
        this / Norm(2, [dimension], keep: true).Clamp(epsilon, null);

    /// <summary>The value of a tensor with one element.</summary>
    public double Item() =>
        s_item.CallScalar(this);

    /// <summary>Whether all hold.</summary>
    public Tensor All() =>
        s_allOf.Call(this);
}
