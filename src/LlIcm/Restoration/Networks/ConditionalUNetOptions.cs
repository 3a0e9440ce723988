using LlIcm.Tensors.Serialization;

namespace LlIcm.Restoration.Networks;

/// <summary>The shape of a <see cref="ConditionalUNet"/>.</summary>
public sealed record ConditionalUNetOptions
{
    /// <summary>Colour channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>nf, the channels at full size; a multiple of 32 where content is used.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Channels after each level, in multiples of <see cref="Width"/>; their number is the depth.</summary>
    public IReadOnlyList<int> Multipliers { get; init; } = [1, 2, 4, 8];

    /// <summary>Width of the degradation embedding; 0: no prompt.</summary>
    public int DegradationWidth { get; init; }

    /// <summary>Width of the content embedding; 0: linear attention everywhere.</summary>
    public int ContentWidth { get; init; }

    /// <summary>The first level with a spatial transformer, where content is used; the middle always has one.</summary>
    public int FirstTransformerLevel { get; init; } = 3;

    /// <summary>
    /// Whether everything but the first and the last layers runs at half the size (wild-ir's <c>scale=0.5</c>).
    /// </summary>
    public bool HalfSize { get; init; }

    /// <summary>DA-CLIP's universal restoration network (Algolzw/daclip-uir, daclip-sde): 49.0 M parameters.</summary>
    public static ConditionalUNetOptions Universal { get; } = new() { DegradationWidth = 512, ContentWidth = 512 };

    /// <summary>
    /// DA-CLIP's network for pictures from the wild (Algolzw/daclip-uir, wild-ir): 49.5 M parameters.
    /// </summary>
    public static ConditionalUNetOptions Wild { get; } = new() { ContentWidth = 768, HalfSize = true };

    /// <summary>
    /// IR-SDE's network for one degradation (Algolzw/image-restoration-sde, deraining): 137 M parameters.
    /// </summary>
    public static ConditionalUNetOptions IrSde { get; } = new() { Multipliers = [2, 4, 8, 16] };

    /// <summary>Sizes of input this network works on without padding: 2^depth.</summary>
    public int Multiple => 1 << Multipliers.Count;

    /// <summary>Whether the attention of a level is a spatial transformer.</summary>
    internal bool HasTransformer(int level) => ContentWidth > 0 && level >= FirstTransformerLevel;

    /// <summary>Reads every size off a checkpoint's shapes.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="prefix">What the names start with, e.g. <c>restorer.</c>.</param>
    /// <exception cref="WeightFormatException">It holds another kind of network.</exception>
    public static ConditionalUNetOptions FromWeights(WeightFile weights, string prefix = "")
    {
        const string Middle = "mid_attn.fn.fn.transformer_blocks.0.attn2.to_v.weight";
        bool Has(string name) => weights.Tensors.ContainsKey(prefix + name);
        long[] Shape(string name) => weights.Tensors.TryGetValue(prefix + name, out StoredTensor? found)
            ? found.Shape
            : throw new WeightFormatException($"{weights.Source}: no U-Net weights, '{prefix + name}' is missing");

        int width = (int)Shape("init_conv.weight")[0];
        var multipliers = new List<int>();
        while (Has($"downs.{multipliers.Count}.3.weight"))
            multipliers.Add((int)(Shape($"downs.{multipliers.Count}.3.weight")[0] / width));
        int transformer = 0;
        while (transformer < multipliers.Count && !Has($"downs.{transformer}.2.fn.fn.proj_in.weight")) transformer++;
        return new ConditionalUNetOptions
        {
            ImageChannels = (int)Shape("final_conv.weight")[0],
            Width = width,
            Multipliers = multipliers,
            DegradationWidth = Has("prompt") ? (int)Shape("text_mlp.0.weight")[1] : 0,
            ContentWidth = Has(Middle) ? (int)Shape(Middle)[1] : 0,
            FirstTransformerLevel = transformer,
            HalfSize = Has("downsample.weight"),
        };
    }
}
