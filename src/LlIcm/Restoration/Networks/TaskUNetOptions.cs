using System.Globalization;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Restoration.Networks;

/// <summary>The shape of a <see cref="TaskUNet"/>.</summary>
public sealed record TaskUNetOptions
{
    /// <summary>The value of the metadata key <c>architecture</c> in a file of such a network.</summary>
    public const string Architecture = "task-unet";

    internal const string ArchitectureKey = "architecture";

    private const string DilationsKey = "dilations", SlopeKey = "negative_slope";
    private const int MostDilated = 64;

    /// <summary>Channels at each level, from the finest to the deepest; at least two.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 128, 192];

    /// <summary>Blocks at each level but the deepest, on the way down and again on the way up.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [2, 2, 3];

    /// <summary>Dilations of the blocks' second convolutions at the deepest level, one a block: how far the network sees.</summary>
    public IReadOnlyList<int> Dilations { get; init; } = [1, 2, 4, 1];

    /// <summary>Slope of the activation below 0.</summary>
    public double NegativeSlope { get; init; } = 0.1;

    /// <summary>Squares of this side become channels before the first layer: 1, 2, 4 …</summary>
    public int Unshuffle { get; init; } = 2;

    /// <summary>How many tasks it is told apart: DA-CLIP's ten words and "clean".</summary>
    public int Tasks { get; init; } = 11;

    /// <summary>The compact preset: 5.0 M parameters, some 80 kMAC a pixel.</summary>
    public static TaskUNetOptions Compact { get; } = new();

    /// <summary>Sizes of input this network works on without padding.</summary>
    public int Multiple => Unshuffle << (Widths.Count - 1);

    /// <summary>Reads the shape off a file.</summary>
    /// <param name="weights">The file.</param>
    /// <exception cref="WeightFormatException">It holds another kind of network.</exception>
    public static TaskUNetOptions FromWeights(WeightFile weights)
    {
        long[] Shape(string name) => weights.Tensors.TryGetValue(name, out StoredTensor? found)
            ? found.Shape : throw new WeightFormatException($"{weights.Source}: no U-Net told its task, '{name}' is missing");
        int Count(string format)
        {
            int count = 0;
            while (weights.Tensors.ContainsKey(string.Format(null, format, count))) count++;
            return count;
        }

        int levels = Count("down.{0}.weight");
        int[] widths = [.. Enumerable.Range(0, levels).Select(level => (int)Shape($"down.{level}.weight")[1]),
            (int)Shape($"down.{levels - 1}.weight")[0]];
        return new TaskUNetOptions
        {
            Widths = widths,
            Blocks = [.. Enumerable.Range(0, levels).Select(level => Count($"encoder.{level}.{{0}}.conv1.weight"))],
            Dilations = Parse(weights, DilationsKey, text => [.. text.Split(',').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))],
                (int[] found) => found.Length > 0 && found.All(each => each is >= 1 and <= MostDilated), $"numbers from 1 to {MostDilated}, separated by commas"),
            NegativeSlope = Parse(weights, SlopeKey, text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
                found => found is >= 0 and < 1, "a number from 0 to below 1"),
            // Three channels of gains and three of offsets for each pixel of a square.
            Unshuffle = (int)Math.Round(Math.Sqrt(Shape("output.weight")[0] / 6.0)),
            Tasks = (int)Shape("middle_task")[0],
        };
    }

    /// <summary>What a file of this network must say beside its tensors.</summary>
    public Dictionary<string, string> ToMetadata() => new()
    {
        [ArchitectureKey] = Architecture,
        [DilationsKey] = string.Join(',', Dilations),
        [SlopeKey] = NegativeSlope.ToString(CultureInfo.InvariantCulture),
    };

    private static T Parse<T>(WeightFile weights, string key, Func<string, T> parse, Func<T, bool> fits, string wanted)
    {
        string text = weights.Metadata.GetValueOrDefault(key) ?? throw new WeightFormatException($"{weights.Source}: the metadata lack '{key}'");
        try
        {
            if (parse(text) is { } value && fits(value)) return value;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            // Refused below.
        }
        throw new WeightFormatException($"{weights.Source}: {key} '{text}' is not {wanted}");
    }
}
