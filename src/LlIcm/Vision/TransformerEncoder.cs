using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>Blocks one after the other, named <c>resblocks.0</c>, <c>resblocks.1</c>, …</summary>
public sealed class TransformerEncoder : Module
{
    /// <summary>A transformer with random weights.</summary>
    public TransformerEncoder(int width, int layers, int heads, bool quickGelu)
    {
        var blocks = new ResidualAttentionBlock[layers];
        for (int i = 0; i < layers; i++)
        {
            blocks[i] = Child(
                string.Create(CultureInfo.InvariantCulture, $"resblocks.{i}"),
                new ResidualAttentionBlock(width, heads, layers, quickGelu));
        }
        Blocks = blocks;
    }

    /// <summary>The blocks, first to last.</summary>
    public IReadOnlyList<ResidualAttentionBlock> Blocks { get; }

    /// <summary>Applies the blocks.</summary>
    /// <param name="input">[B, T, W].</param>
    /// <param name="mask">[T, T], added to the attention's scores; or null.</param>
    /// <param name="controls">
    /// DA-CLIP's controls [B, T, W], one a block, or null. They are used from the end: the last one is added to the
    /// output of the first block, in the residual stream.
    /// </param>
    public Tensor Forward(Tensor input, Tensor? mask = null, IReadOnlyList<Tensor>? controls = null)
    {
        for (int i = 0; i < Blocks.Count; i++)
        {
            input = Blocks[i].Forward(input, mask);
            if (controls is not null) input += controls[Blocks.Count - 1 - i];
        }
        return input;
    }
}
