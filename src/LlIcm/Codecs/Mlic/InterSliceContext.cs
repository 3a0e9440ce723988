using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Inter-slice global context: attention over the whole of all previous slices. [B, i·C, H, W] → [B, 2C, H, W].
/// </summary>
public sealed class InterSliceContext : Module
{
    private readonly GlobalContextKind _kind;
    private readonly int _heads;
    private readonly Sequential _keys, _queries, _values, _mlp;
    private readonly Conv2d _reprojection, _skip;

    /// <summary>The context of slice <paramref name="index"/> ≥ 1.</summary>
    public InterSliceContext(int channels, int index, GlobalContextKind kind)
    {
        int inputs = channels * index;
        (_kind, _heads) = (kind, Math.Max(1, inputs / 32));
        _keys = Child("keys", IntraSliceContext.Projection(inputs));
        _queries = Child("queries", IntraSliceContext.Projection(inputs));
        _values = Child("values", IntraSliceContext.Projection(inputs));
        _reprojection = Child("reprojection", new Conv2d(inputs, channels * 3, 5));
        _mlp = Child("mlp", IntraSliceContext.Mlp(channels * 3, channels * 4, channels * 2));
        _skip = Child("skip", new Conv2d(channels * 3, channels * 2, 1));
    }

    /// <summary>Applies the context to the previous slices.</summary>
    public Tensor Forward(Tensor previous)
    {
        Tensor mixed = GlobalAttention.Attend(
            _kind, _queries.Forward(previous), _keys.Forward(previous), _values.Forward(previous), _heads);
        Tensor output = _reprojection.Forward(mixed.ReshapeAs(previous));
        return _skip.Forward(output) + _mlp.Forward(output);
    }
}
