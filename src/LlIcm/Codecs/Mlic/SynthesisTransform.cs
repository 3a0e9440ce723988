using LlIcm.Codecs.Layers;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>g_s: latents [B, M, H/16, W/16] → picture [B, 3, H, W], not clamped.</summary>
public sealed class SynthesisTransform : Module
{
    private readonly Sequential _layers;

    /// <summary>Builds the transform.</summary>
    public SynthesisTransform(MlicOptions options)
    {
        IReadOnlyList<int> w = options.TransformWidths;
        int latent = options.LatentWidth;
        int first = options.OldSynthesis ? w[2] : latent;
        _layers = Child("synthesis_transform", new Sequential(
            new ResidualBlock(latent, first),
            new ResidualBlockUpsample(first, w[2]),
            new ResidualBlock(w[2], w[2]),
            new ResidualBlockUpsample(w[2], w[1]),
            new ResidualBlock(w[1], w[1]),
            new ResidualBlockUpsample(w[1], w[0]),
            new ResidualBlock(w[0], w[0]),
            ResidualBlockUpsample.SubpelConv(w[0], 3)));
    }

    /// <summary>The layers, for inspection.</summary>
    public IReadOnlyList<UnaryModule> Layers => _layers.Modules;

    /// <summary>Applies the transform.</summary>
    public Tensor Forward(Tensor latents) => _layers.Forward(latents);

    /// <summary>The same in a narrower type, but for the last layer: pictures have more digits than bfloat16.</summary>
    internal Tensor ForwardMixed(Tensor latents, ScalarType type)
    {
        Tensor features = latents;
        using (new Autocast(latents.Device, type))
        {
            foreach (UnaryModule layer in _layers.Modules.SkipLast(1)) features = layer.Forward(features);
        }

        return _layers.Modules[^1].Forward(features.To(ScalarType.Float));
    }
}
