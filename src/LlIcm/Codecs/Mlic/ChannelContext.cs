using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>Context from the previous slices at nearby positions: three conv3×3, GELU between.</summary>
public sealed class ChannelContext : UnaryModule
{
    private readonly Sequential _layers;

    /// <summary>A context over <paramref name="inputs"/> channels.</summary>
    public ChannelContext(int inputs, IReadOnlyList<int> widths) =>
        // The published name is misspelt.
        _layers = Child("fushion", new Sequential(
            new Conv2d(inputs, widths[0], 3), Activation.Gelu(),
            new Conv2d(widths[0], widths[1], 3), Activation.Gelu(),
            new Conv2d(widths[1], widths[2], 3)));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _layers.Forward(input);
}
