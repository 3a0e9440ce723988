using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>Attention over all positions; heads are contiguous channels.</summary>
internal static class GlobalAttention
{
    /// <summary>Attends with the given kind.</summary>
    /// <param name="kind">Linear or quadratic.</param>
    /// <param name="queries">[B, C, …] with P positions.</param>
    /// <param name="keys">[B, C, …].</param>
    /// <param name="values">[B, C, …].</param>
    /// <param name="heads">Number of heads.</param>
    /// <returns>[B, C, P].</returns>
    public static Tensor Attend(GlobalContextKind kind, Tensor queries, Tensor keys, Tensor values, int heads)
    {
        (long b, long c) = (queries.Size(0), queries.Size(1));
        Tensor q = queries.Reshape(b * heads, c / heads, -1);
        Tensor k = keys.Reshape(b * heads, c / heads, -1);
        Tensor v = values.Reshape(b * heads, c / heads, -1);
        Tensor mixed;
        if (kind == GlobalContextKind.Linear)
        {
            Tensor context = k.Softmax(2).Bmm(v.Transpose(1, 2));
            mixed = context.Transpose(1, 2).Bmm(q.Softmax(1));
        }
        else
        {
            Tensor weights = (q.Transpose(1, 2).Bmm(k) * (1 / Math.Sqrt(c / heads))).Softmax(2);
            mixed = v.Bmm(weights.Transpose(1, 2));
        }
        return mixed.Reshape(b, c, -1);
    }
}
