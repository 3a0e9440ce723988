using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>x + attention(LayerNorm(x)), under the published names <c>fn.norm</c> and <c>fn.fn</c>.</summary>
internal sealed class PreNormAttention : Module
{
    private readonly ChannelLayerNorm _norm;
    private readonly LinearAttention? _linear;

    public PreNormAttention(int channels, int contentWidth, bool transformer)
    {
        _norm = new ChannelLayerNorm(channels);
        if (transformer) Transformer = new SpatialTransformer(channels, contentWidth);
        else _linear = new LinearAttention(channels);
        Child("fn", new Inner(_norm, (Module?)Transformer ?? _linear!));
    }

    /// <summary>The attention, where it is a spatial transformer.</summary>
    public SpatialTransformer? Transformer { get; }

    public Tensor Forward(Tensor input, Tensor? content)
    {
        using var scope = new TensorScope();
        Tensor normalized = _norm.Forward(input);
        Tensor result = _linear is null ? Transformer!.Forward(normalized, content) : _linear.Forward(normalized);
        return scope.Keep(result + input);
    }

    private sealed class Inner : Module
    {
        public Inner(Module norm, Module attention)
        {
            Child("fn", attention);
            Child("norm", norm);
        }
    }
}
