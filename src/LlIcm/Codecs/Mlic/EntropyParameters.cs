using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>Contexts → scales and means of one half of a slice: four 1×1 convolutions, GELU between.</summary>
public sealed class EntropyParameters : UnaryModule
{
    private readonly Sequential _layers;

    /// <summary>A network to <paramref name="outputs"/> channels (scales, then means).</summary>
    public EntropyParameters(int inputs, IReadOnlyList<int> widths, int outputs) =>
        _layers = Child("fusion", new Sequential(
            new Conv2d(inputs, widths[0], 1), Activation.Gelu(),
            new Conv2d(widths[0], widths[1], 1), Activation.Gelu(),
            new Conv2d(widths[1], widths[2], 1), Activation.Gelu(),
            new Conv2d(widths[2], outputs, 1)));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _layers.Forward(input);
}
