using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Vision;

/// <summary>The sizes of a CLIP model with a vision transformer (Radford et al. 2021; layout of open_clip).</summary>
/// <param name="EmbedDim">Width E of the common embedding.</param>
/// <param name="ImageSize">Side of the input picture in pixels.</param>
/// <param name="PatchSize">Side of a patch in pixels; divides <paramref name="ImageSize"/>.</param>
/// <param name="VisionWidth">Width W of the image tower.</param>
/// <param name="VisionLayers">Blocks of the image tower.</param>
/// <param name="VisionHeads">Attention heads of the image tower; divides <paramref name="VisionWidth"/>.</param>
/// <param name="TextWidth">Width of the text tower.</param>
/// <param name="TextHeads">Attention heads of the text tower.</param>
/// <param name="TextLayers">
/// Blocks of the text tower; 0 means that there is no text tower and none of its parameters.
/// </param>
/// <param name="ContextLength">Longest text in tokens.</param>
/// <param name="VocabularySize">Number of tokens.</param>
/// <param name="QuickGelu">
/// x·sigmoid(1.702x), as OpenAI's weights want it, instead of the exact GELU of open_clip's own weights and of DA-CLIP.
/// </param>
public sealed record ClipOptions(
    int EmbedDim, int ImageSize, int PatchSize, int VisionWidth, int VisionLayers, int VisionHeads, int TextWidth,
    int TextHeads, int TextLayers, int ContextLength, int VocabularySize, bool QuickGelu = false)
{
    // Every published CLIP with a vision transformer but the giant ones has heads of this width.
    private const int UsualHeadWidth = 64;

    /// <summary>Filters of the controller's <see cref="TextureStem"/>; 0 as published: none.</summary>
    public int TextureFilters { get; init; }

    /// <summary>ViT-B/32, the one DA-CLIP was published with.</summary>
    public static ClipOptions VitB32 { get; } = new(512, 224, 32, 768, 12, 12, 512, 8, 12, 77, 49408);

    /// <summary>Patches along a side of the picture.</summary>
    public int GridSize => ImageSize / PatchSize;

    /// <summary>Whether there is a text tower.</summary>
    public bool HasText => TextLayers > 0;

    /// <summary>
    /// The options of a weight file: from its metadata where they are stored (<see cref="ToMetadata"/>), else from the
    /// tensors' shapes, taking heads to be 64 wide and the activation to be the exact GELU.
    /// </summary>
    /// <param name="file">A CLIP or, with names under <c>clip.</c>, a DA-CLIP.</param>
    /// <exception cref="WeightFormatException">The file holds no such model.</exception>
    public static ClipOptions Of(WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return file.Metadata.ContainsKey("vision_cfg")
                ? FromMetadata(file.Metadata)
                : FromShapes(name => file.Tensors.TryGetValue(name, out StoredTensor? tensor) ? tensor.Shape : null);
        }
        catch (WeightFormatException e)
        {
            throw new WeightFormatException($"{file.Source}: {e.Message}", e);
        }
    }

    /// <summary>The options that the shapes of a state dict tell.</summary>
    /// <param name="shapeOf">The shape of a named tensor, or null.</param>
    /// <param name="headWidth">Width of an attention head, which shapes do not tell.</param>
    /// <param name="quickGelu">The activation, which shapes do not tell.</param>
    /// <exception cref="WeightFormatException">
    /// The shapes are not those of a CLIP with a vision transformer.
    /// </exception>
    public static ClipOptions FromShapes(
        Func<string, long[]?> shapeOf, int headWidth = UsualHeadWidth, bool quickGelu = false)
    {
        ArgumentNullException.ThrowIfNull(shapeOf);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headWidth);
        string prefix = shapeOf("clip.visual.conv1.weight") is null ? "" : "clip.";
        long[] patch = Shape("visual.conv1.weight", 4), positions = Shape("visual.positional_embedding", 2);
        int width = (int)patch[0], patchSize = (int)patch[2];
        int grid = (int)Math.Round(Math.Sqrt(positions[0] - 1));
        if ((long)grid * grid != positions[0] - 1)
            throw new WeightFormatException($"{positions[0]} positions are no square of patches and a class token");
        var options = new ClipOptions(
            (int)Shape("visual.proj", 2)[1], grid * patchSize, patchSize, width, Layers("visual."), Heads(width),
            0, 0, 0, 0, 0, quickGelu);
        if (shapeOf(prefix + "token_embedding.weight") is null) return options;

        long[] tokens = Shape("token_embedding.weight", 2);
        return options with
        {
            TextWidth = (int)tokens[1],
            TextHeads = Heads((int)tokens[1]),
            TextLayers = Layers(""),
            ContextLength = (int)Shape("positional_embedding", 2)[0],
            VocabularySize = (int)tokens[0],
        };

        long[] Shape(string name, int rank) => shapeOf(prefix + name) is { } shape && shape.Length == rank
            ? shape
            : throw new WeightFormatException($"no CLIP: it lacks '{prefix}{name}' of {rank} dimensions");

        int Layers(string tower)
        {
            int count = 0;
            while (shapeOf($"{prefix}{tower}transformer.resblocks.{count}.ln_1.weight") is not null) count++;
            return count > 0
                ? count
                : throw new WeightFormatException($"no CLIP: '{prefix}{tower}transformer' has no blocks");
        }

        int Heads(int towerWidth) => towerWidth % headWidth == 0
            ? towerWidth / headWidth
            : throw new WeightFormatException($"a width of {towerWidth} is not made of heads {headWidth} wide");
    }

    /// <summary>
    /// Reads open_clip's model configuration, each member a JSON text: the inverse of <see cref="ToMetadata"/>.
    /// </summary>
    /// <param name="metadata">
    /// <c>embed_dim</c>, <c>vision_cfg</c>, optionally <c>text_cfg</c> and <c>quick_gelu</c>.
    /// </param>
    /// <exception cref="WeightFormatException">An entry is missing or unusable.</exception>
    public static ClipOptions FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        try
        {
            JsonNode vision = JsonNode.Parse(metadata["vision_cfg"])!;
            JsonNode? text = metadata.TryGetValue("text_cfg", out string? entry) ? JsonNode.Parse(entry) : null;
            int width = (int)vision["width"]!;
            return new ClipOptions(
                int.Parse(metadata["embed_dim"], CultureInfo.InvariantCulture), (int)vision["image_size"]!,
                (int)vision["patch_size"]!, width, (int)vision["layers"]!,
                width / ((int?)vision["head_width"] ?? UsualHeadWidth), (int?)text?["width"] ?? 0,
                (int?)text?["heads"] ?? 0, (int?)text?["layers"] ?? 0, (int?)text?["context_length"] ?? 0,
                (int?)text?["vocab_size"] ?? 0,
                metadata.TryGetValue("quick_gelu", out string? quick) && bool.Parse(quick))
            {
                TextureFilters = metadata.TryGetValue("texture_filters", out string? filters)
                    ? int.Parse(filters, CultureInfo.InvariantCulture) : 0,
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or JsonException or FormatException or OverflowException
            or NullReferenceException or InvalidOperationException or DivideByZeroException)
        {
            throw new WeightFormatException("the stored CLIP configuration is unusable", e);
        }
    }

    /// <summary>The options as open_clip's model configuration, for a weight file's metadata.</summary>
    public Dictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>
        {
            ["embed_dim"] = EmbedDim.ToString(CultureInfo.InvariantCulture),
            ["vision_cfg"] = new JsonObject
            {
                ["image_size"] = ImageSize,
                ["layers"] = VisionLayers,
                ["width"] = VisionWidth,
                ["head_width"] = VisionWidth / VisionHeads,
                ["patch_size"] = PatchSize,
            }.ToJsonString(),
            ["quick_gelu"] = QuickGelu ? "true" : "false",
        };
        if (TextureFilters > 0) metadata["texture_filters"] = TextureFilters.ToString(CultureInfo.InvariantCulture);
        if (HasText)
        {
            metadata["text_cfg"] = new JsonObject
            {
                ["context_length"] = ContextLength,
                ["vocab_size"] = VocabularySize,
                ["width"] = TextWidth,
                ["heads"] = TextHeads,
                ["layers"] = TextLayers,
            }.ToJsonString();
        }
        return metadata;
    }

    /// <summary>Checks that the numbers fit together.</summary>
    /// <exception cref="ArgumentException">They do not; the message says which.</exception>
    internal void Validate()
    {
        if (EmbedDim < 1 || VisionWidth < 1 || VisionLayers < 1)
            throw new ArgumentException("CLIP sizes must be positive");
        if (PatchSize < 1 || ImageSize < PatchSize || ImageSize % PatchSize != 0)
            throw new ArgumentException($"a picture of {ImageSize} is not made of patches of {PatchSize}");
        if (VisionHeads < 1 || VisionWidth % VisionHeads != 0)
            throw new ArgumentException($"a width of {VisionWidth} can't be split into {VisionHeads} heads");
        if (!HasText) return;
        if (TextWidth < 1 || ContextLength < 1 || VocabularySize < 1)
            throw new ArgumentException("CLIP text sizes must be positive");
        if (TextHeads < 1 || TextWidth % TextHeads != 0)
            throw new ArgumentException($"a text width of {TextWidth} can't be split into {TextHeads} heads");
    }
}
