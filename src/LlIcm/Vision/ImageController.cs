using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>
/// DA-CLIP's controller (Luo et al. 2024): a copy of the image tower that embeds the degradation and steers the frozen
/// tower towards the embedding of the clean picture.
/// </summary>
public sealed class ImageController : VisionTower<ControlTransformer>
{
    /// <summary>A controller with random weights and zero controls.</summary>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public ImageController(ClipOptions options)
        : base(options, () => new ControlTransformer(
            options.VisionWidth, options.VisionLayers, options.VisionHeads, options.QuickGelu))
    {
        if (options.TextureFilters > 0)
            Texture = Child("texture", new TextureStem(options.PatchSize, options.TextureFilters, options.VisionWidth));
    }

    /// <summary>Texture energies added to the patch embedding; null in the published networks.</summary>
    public TextureStem? Texture { get; }

    /// <inheritdoc/>
    public override Tensor EmbedPatches(Tensor patches)
    {
        Tensor embedded = base.EmbedPatches(patches);
        return Texture is null ? embedded : embedded + Texture.Forward(patches);
    }

    /// <summary>Embeds patches and derives the controls.</summary>
    /// <param name="patches">[B, patches, 3·patch²].</param>
    /// <returns>The degradation embedding [B, E], not normalised, and a control [B, T, W] for each block.</returns>
    public (Tensor Degradation, IReadOnlyList<Tensor> Controls) ForwardPatches(Tensor patches)
    {
        (Tensor hidden, IReadOnlyList<Tensor> controls) = Transformer.Forward(Embed(patches));
        return (Project(hidden), controls);
    }
}
