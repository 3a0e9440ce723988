using System.Globalization;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Restoration.Networks;

/// <summary>The shape of a <see cref="ResidualUNet"/>.</summary>
public sealed record ResidualUNetOptions
{
    private const string DilationsKey = "dilations", SlopeKey = "negative_slope";
    private const int MostDilated = 64;

    /// <summary>Colour channels of the pictures.</summary>
    public int ImageChannels { get; init; } = 3;

    /// <summary>Channels at each level, from the finest to the deepest; at least two.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [48, 80, 120];

    /// <summary>Blocks at each level but the deepest, on the way down and again on the way up.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [2, 2];

    /// <summary>Blocks at the deepest level.</summary>
    public int MiddleBlocks { get; init; } = 4;

    /// <summary>
    /// Dilation of the second convolution of each block at the deepest level, in their order: how far the network sees at no cost in
    /// weights or time. Blocks without an entry have 1.
    /// </summary>
    public IReadOnlyList<int> Dilations { get; init; } = [];

    /// <summary>
    /// Slope of the activation below 0. With 0, units that a large step has put below 0 for every picture never learn again.
    /// </summary>
    public double NegativeSlope { get; init; } = 0.1;

    /// <summary>Width of the embedding of time and degradation that modulates every block.</summary>
    public int EmbeddingWidth { get; init; } = 64;

    /// <summary>Width of the degradation embedding; 0: no prompt.</summary>
    public int DegradationWidth { get; init; }

    /// <summary>Width of the content embedding, added in the blocks of the deepest level; 0: none.</summary>
    public int ContentWidth { get; init; }

    /// <summary>Squares of this side become channels before the first layer: 1, 2, 4 …</summary>
    public int Unshuffle { get; init; } = 2;

    /// <summary>What the output is.</summary>
    public PredictionTarget Target { get; init; } = PredictionTarget.Clean;

    /// <summary>
    /// The compact preset: some 90 kMAC a pixel, 2.0 M parameters.
    /// </summary>
    public static ResidualUNetOptions Compact { get; } = new() { DegradationWidth = 64, ContentWidth = 64, Dilations = [1, 2, 4, 1] };

    /// <summary>Sizes of input this network works on without padding.</summary>
    public int Multiple => Unshuffle << (Widths.Count - 1);

    /// <summary>Dilation of a block at the deepest level.</summary>
    /// <param name="block">Its index.</param>
    public int Dilation(int block) => block < Dilations.Count ? Dilations[block] : 1;

    /// <summary>Reads the sizes off a checkpoint's shapes; the target comes from its metadata.</summary>
    /// <param name="weights">The file.</param>
    /// <exception cref="WeightFormatException">It holds another kind of network.</exception>
    public static ResidualUNetOptions FromWeights(WeightFile weights)
    {
        long[] Shape(string name) => weights.Tensors.TryGetValue(name, out StoredTensor? found)
            ? found.Shape
            : throw new WeightFormatException($"{weights.Source}: no residual U-Net, '{name}' is missing");
        int Count(string format)
        {
            int count = 0;
            while (weights.Tensors.ContainsKey(string.Format(null, format, count))) count++;
            return count;
        }

        int levels = Count("down.{0}.weight");
        int[] widths = [.. Enumerable.Range(0, levels).Select(level => (int)Shape($"down.{level}.weight")[1]),
            (int)Shape($"down.{levels - 1}.weight")[0]];
        int pixels = (int)Shape("output.weight")[0];
        const int ImageChannels = 3;
        return new ResidualUNetOptions
        {
            ImageChannels = ImageChannels,
            Widths = widths,
            Blocks = [.. Enumerable.Range(0, levels).Select(level => Count($"encoder.{level}.{{0}}.conv1.weight"))],
            MiddleBlocks = Count("middle.{0}.conv1.weight"),
            Dilations = weights.Metadata.TryGetValue(DilationsKey, out string? dilations) ? ParseDilations(dilations, weights.Source) : [],
            NegativeSlope = weights.Metadata.TryGetValue(SlopeKey, out string? slope) ? ParseSlope(slope, weights.Source) : 0,
            EmbeddingWidth = (int)Shape("time_mlp.1.weight")[0],
            DegradationWidth = weights.Tensors.ContainsKey("prompt") ? (int)Shape("text_mlp.0.weight")[1] : 0,
            ContentWidth = weights.Tensors.TryGetValue("middle.0.content.weight", out StoredTensor? content)
                ? (int)content.Shape[1] : 0,
            Unshuffle = (int)Math.Round(Math.Sqrt(pixels / (double)ImageChannels)),
            Target = weights.Metadata.TryGetValue("target", out string? text)
                && Enum.TryParse(text, ignoreCase: true, out PredictionTarget target) ? target : PredictionTarget.Clean,
        };
    }

    /// <summary>What a checkpoint of this network must say beside its tensors.</summary>
    public Dictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>
        {
            ["target"] = Target == PredictionTarget.Clean ? "clean" : "noise",
            [SlopeKey] = NegativeSlope.ToString(CultureInfo.InvariantCulture),
        };
        if (Dilations.Count > 0) metadata[DilationsKey] = string.Join(',', Dilations);
        return metadata;
    }

    private static double ParseSlope(string text, string source) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double slope) && slope is >= 0 and < 1
            ? slope : throw new WeightFormatException($"{source}: negative_slope '{text}' is no number from 0 to below 1");

    private static int[] ParseDilations(string text, string source)
    {
        string[] parts = text.Split(',');
        int[] dilations = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dilations[i]) || dilations[i] is < 1 or > MostDilated)
                throw new WeightFormatException($"{source}: dilations '{text}' are no numbers from 1 to {MostDilated}, separated by commas");
        return dilations;
    }
}
