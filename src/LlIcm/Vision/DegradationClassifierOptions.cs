using System.Globalization;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Vision;

/// <summary>The shape of a <see cref="DegradationClassifier"/>.</summary>
public sealed record DegradationClassifierOptions
{
    private const string TemperatureKey = "temperature";

    /// <summary>Channels at full, half, quarter and eighth size of the 2×2-unshuffled views.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [24, 48, 96, 128];

    /// <summary>Hidden units before the words.</summary>
    public int Hidden { get; init; } = 128;

    /// <summary>How many words it tells apart: DA-CLIP's ten and "clean".</summary>
    public int Words { get; init; } = 11;

    /// <summary>What logits are divided by, so that probabilities are what they say (Guo et al., ICML 2017).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Reads the shape off a file.</summary>
    /// <param name="weights">The file.</param>
    /// <exception cref="WeightFormatException">It holds another kind of network.</exception>
    public static DegradationClassifierOptions FromWeights(WeightFile weights)
    {
        long[] Shape(string name) => weights.Tensors.TryGetValue(name, out StoredTensor? found)
            ? found.Shape : throw new WeightFormatException($"{weights.Source}: no recogniser of degradations, '{name}' is missing");
        string text = weights.Metadata.GetValueOrDefault(TemperatureKey, "1");
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double temperature) || !(temperature is > 0 and < 100))
            throw new WeightFormatException($"{weights.Source}: temperature '{text}' is no number above 0 and below 100");
        return new DegradationClassifierOptions
        {
            Widths = [.. Enumerable.Range(0, 4).Select(level => (int)Shape($"whole.down.{level}.weight")[0])],
            Hidden = (int)Shape("hidden.weight")[0],
            Words = (int)Shape("words.weight")[0],
            Temperature = temperature,
        };
    }

    /// <summary>What a file of this network must say beside its tensors.</summary>
    public Dictionary<string, string> ToMetadata() => new() { [TemperatureKey] = Temperature.ToString(CultureInfo.InvariantCulture) };
}
