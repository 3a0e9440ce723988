using LlIcm.Tensors.Serialization;

namespace LlIcm.Restoration.Networks;

/// <summary>The shape of a <see cref="ConditionalNafNet"/>.</summary>
public sealed record ConditionalNafNetOptions
{
    /// <summary>Colour channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>Channels at the first level; they double at each level below.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Blocks at each level on the way down.</summary>
    public IReadOnlyList<int> EncoderBlocks { get; init; } = [1, 1, 1, 28];

    /// <summary>Blocks at the bottom.</summary>
    public int MiddleBlocks { get; init; } = 1;

    /// <summary>Blocks at each level on the way up, the deepest first.</summary>
    public IReadOnlyList<int> DecoderBlocks { get; init; } = [1, 1, 1, 1];

    /// <summary>Width of the degradation embedding; 0: no prompt.</summary>
    public int DegradationWidth { get; init; }

    /// <summary>Width of the content embedding, added at the deepest level and in the middle; 0: none.</summary>
    public int ContentWidth { get; init; }

    /// <summary>Squares of this side become channels before the first layer: 1, 2, 4 …</summary>
    public int Unshuffle { get; init; } = 1;

    /// <summary>What the output is.</summary>
    public PredictionTarget Target { get; init; } = PredictionTarget.Noise;

    /// <summary>
    /// Whether a picture is padded to the network's multiple by repeating its border instead of zeros. Zeros are what
    /// the published weights saw.
    /// </summary>
    public bool ReplicateBorder { get; init; }

    /// <summary>The published Refusion network (arXiv 2304.08291): 76.6 M parameters.</summary>
    public static ConditionalNafNetOptions Refusion { get; } = new();

    /// <summary>
    /// Some 45 kMAC a pixel, 4.5 M parameters: for processors, few steps and the pictures' two embeddings.
    /// </summary>
    public static ConditionalNafNetOptions Compact { get; } = new()
    {
        Width = 48,
        EncoderBlocks = [1, 1, 2],
        MiddleBlocks = 2,
        DecoderBlocks = [2, 1, 1],
        Unshuffle = 2,
        Target = PredictionTarget.Clean,
        ReplicateBorder = true,
    };

    /// <summary>Sizes of input this network works on without padding.</summary>
    public int Multiple => Unshuffle << EncoderBlocks.Count;

    /// <summary>
    /// Reads the sizes off a checkpoint's shapes; what shapes don't tell (target, border) comes from the metadata that
    /// <see cref="ToMetadata"/> writes, or is the published network's.
    /// </summary>
    /// <param name="weights">The file.</param>
    /// <param name="prefix">What the names start with, e.g. <c>restorer.</c>.</param>
    /// <exception cref="WeightFormatException">It holds another kind of network.</exception>
    public static ConditionalNafNetOptions FromWeights(WeightFile weights, string prefix = "")
    {
        long[] Shape(string name) => weights.Tensors.TryGetValue(prefix + name, out StoredTensor? found)
            ? found.Shape
            : throw new WeightFormatException($"{weights.Source}: no NAFNet weights, '{prefix + name}' is missing");
        int Blocks(string list)
        {
            int count = 0;
            while (weights.Tensors.ContainsKey($"{prefix}{list}.{count}.beta")) count++;
            return count;
        }
        int[] Levels(string list)
        {
            var levels = new List<int>();
            while (weights.Tensors.ContainsKey($"{prefix}{(list == "encoders" ? "downs" : "ups")}.{levels.Count}"
                + (list == "encoders" ? ".weight" : ".0.weight"))) levels.Add(Blocks($"{list}.{levels.Count}"));
            return [.. levels];
        }
        string? Text(string key) => weights.Metadata.TryGetValue(prefix + key, out string? value) ? value : null;

        const int ImageChannels = 3;
        int width = (int)Shape("intro.weight")[0];
        int unshuffle = (int)Math.Round(Math.Sqrt(Shape("ending.weight")[0] / (double)ImageChannels));
        return new ConditionalNafNetOptions
        {
            ImageChannels = ImageChannels,
            Width = width,
            EncoderBlocks = Levels("encoders"),
            MiddleBlocks = Blocks("middle_blks"),
            DecoderBlocks = Levels("decoders"),
            DegradationWidth = weights.Tensors.ContainsKey(prefix + "prompt") ? (int)Shape("text_mlp.0.weight")[1] : 0,
            ContentWidth = weights.Tensors.ContainsKey(prefix + "middle_blks.0.content_proj.weight")
                ? (int)Shape("middle_blks.0.content_proj.weight")[1] : 0,
            Unshuffle = unshuffle,
            Target = Enum.TryParse(Text("target"), ignoreCase: true, out PredictionTarget target)
                ? target : PredictionTarget.Noise,
            ReplicateBorder = Text("border") == "replicate",
        };
    }

    /// <summary>What a checkpoint of this network must say beside its tensors.</summary>
    /// <param name="prefix">What the tensors' names start with.</param>
    public IReadOnlyDictionary<string, string> ToMetadata(string prefix = "") => new Dictionary<string, string>
    {
        [prefix + "target"] = Target == PredictionTarget.Clean ? "clean" : "noise",
        [prefix + "border"] = ReplicateBorder ? "replicate" : "zero",
    };
}
