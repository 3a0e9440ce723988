using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.EntropyCoding;

/// <summary>A bound that CompressAI's checkpoints store (<c>….bound</c>); kept so that names match, never read.</summary>
internal sealed class StoredBound : Module
{
    public StoredBound(double bound) => Buffer("bound", Tensor.Full([1], bound));
}
