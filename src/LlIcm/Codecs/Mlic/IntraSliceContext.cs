using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Intra-slice global context: non-anchors see this slice's anchors, weighted by how alike the positions were in the previous
/// slice. [B, C, H, W] maps → [B, 2C, H, W].
/// </summary>
public sealed class IntraSliceContext : Module
{
    private const int Heads = 2;

    private readonly GlobalContextKind _kind;
    private readonly Sequential _keys, _queries, _values, _mlp;
    private readonly Conv2d _reprojection;

    /// <summary>A context of slices with <paramref name="channels"/> channels.</summary>
    public IntraSliceContext(int channels, GlobalContextKind kind)
    {
        _kind = kind;
        _keys = Child("keys", Projection(channels));
        _queries = Child("queries", Projection(channels));
        _values = Child("values", Projection(channels));
        _reprojection = Child("reprojection", new Conv2d(channels, channels * 2, 5));
        _mlp = Child("mlp", Mlp(channels * 2, channels * 4, channels * 2));
    }

    /// <summary>Applies the context.</summary>
    /// <param name="previousAnchors">The previous slice, zeros at non-anchors.</param>
    /// <param name="previousNonAnchors">The previous slice, zeros at anchors.</param>
    /// <param name="anchors">This slice's corrected anchors, zeros elsewhere.</param>
    public Tensor Forward(Tensor previousAnchors, Tensor previousNonAnchors, Tensor anchors)
    {
        Tensor queries = Checkerboard.NonAnchors(_queries.Forward(previousNonAnchors));
        Tensor keys = Checkerboard.Anchors(_keys.Forward(previousAnchors));
        Tensor values = Checkerboard.Anchors(_values.Forward(anchors));
        Tensor mixed = GlobalAttention.Attend(_kind, queries, keys, values, Heads).ReshapeAs(queries);
        Tensor output = _reprojection.Forward(Checkerboard.Merge(null, mixed));
        return output + _mlp.Forward(output);
    }

    internal static Sequential Projection(int channels) =>
        new(new Conv2d(channels, channels, 1), new Conv2d(channels, channels, 3, groups: channels));

    internal static Sequential Mlp(int inputs, int hidden, int outputs) => new(
        new Conv2d(inputs, hidden, 1), Activation.Gelu(),
        new Conv2d(hidden, hidden, 3, groups: hidden), Activation.Gelu(),
        new Conv2d(hidden, outputs, 1));
}
