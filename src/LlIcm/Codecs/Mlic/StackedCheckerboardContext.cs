using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>MLIC's local context: 5×5 convolutions C→C→C→2C over the corrected anchors (zeros elsewhere), GELU between.</summary>
public sealed class StackedCheckerboardContext : UnaryModule
{
    private readonly Sequential _layers;

    /// <summary>A context of a slice with <paramref name="channels"/> channels.</summary>
    public StackedCheckerboardContext(int channels) =>
        _layers = Child("context", new Sequential(
            new Conv2d(channels, channels, 5), Activation.Gelu(),
            new Conv2d(channels, channels, 5), Activation.Gelu(),
            new Conv2d(channels, channels * 2, 5)));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => _layers.Forward(input);
}
