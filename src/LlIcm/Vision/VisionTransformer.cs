using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>CLIP's image tower: a vision transformer (Dosovitskiy et al. 2021) pooled at its class token.</summary>
public sealed class VisionTransformer : VisionTower<TransformerEncoder>
{
    /// <summary>A tower with random weights.</summary>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public VisionTransformer(ClipOptions options)
        : base(options, () => new TransformerEncoder(
            options.VisionWidth, options.VisionLayers, options.VisionHeads, options.QuickGelu))
    {
    }

    /// <summary>Embeds pictures.</summary>
    /// <param name="image">[B, 3, S, S], preprocessed.</param>
    /// <returns>[B, E], not normalised.</returns>
    /// <exception cref="ArgumentException">The pictures have another shape.</exception>
    public Tensor Forward(Tensor image) => ForwardPatches(Patchify(image));

    /// <summary>Embeds patches, steered by DA-CLIP's controls.</summary>
    /// <param name="patches">[B, patches, 3·patch²].</param>
    /// <param name="controls">One [B, T, W] a block, or null; see <see cref="TransformerEncoder.Forward"/>.</param>
    /// <returns>[B, E], not normalised.</returns>
    public Tensor ForwardPatches(Tensor patches, IReadOnlyList<Tensor>? controls = null) =>
        Project(Transformer.Forward(Embed(patches), null, controls));
}
