using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Layer normalisation over the channels at each position, with a gain <c>g</c> [1, C, 1, 1] and no bias; ε is 1e-5.
/// </summary>
/// <remarks>
/// The published code takes ε = 1e-3 for every type but single precision, which would make half precision another
/// network; here ε is a property of the weights. The result lies channels-last in memory, where libtorch's kernel needs
/// no strided reads.
/// </remarks>
internal sealed class ChannelLayerNorm : UnaryModule
{
    private readonly long _channels;

    public ChannelLayerNorm(long channels)
    {
        _channels = channels;
        Gain = Parameter("g", Tensor.Ones([1, channels, 1, 1]));
    }

    /// <summary>[1, C, 1, 1].</summary>
    public Tensor Gain { get; }

    public override Tensor Forward(Tensor input)
    {
        Tensor rows = input.Permute(0, 2, 3, 1);
        // libtorch 1.13 refuses bfloat16 rows with single-precision gains.
        Tensor normalized = input.Type == Gain.Type
            ? rows.LayerNorm([_channels], Gain.Reshape(_channels), null)
            : rows.LayerNorm([_channels], null, null) * Gain.Reshape(_channels).To(input.Type);
        return normalized.Permute(0, 3, 1, 2);
    }
}
