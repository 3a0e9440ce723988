using System.Text.Json;

namespace LlIcm.Quality;

/// <summary>
/// Rate–distortion curves in JSON: any object with a list <c>bpp</c> (or <c>rate</c>) and lists of the same length
/// beside it is a codec, at any depth. CompressAI's result files (<c>{"name", "results": {"bpp", "psnr-rgb", …}}</c>)
/// are such.
/// </summary>
public static class RateDistortionFile
{
    private static readonly string[] s_rates = ["bpp", "rate"];

    /// <summary>Reads the curves of a file.</summary>
    /// <returns>The codecs in file order: a name, and a curve for each metric.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="QualityException">It holds no curve, or an unusable one.</exception>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, RateDistortionCurve> Curves)> Load(
        string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            var found = new List<(string, IReadOnlyDictionary<string, RateDistortionCurve>)>();
            Visit(document.RootElement, "", Path.GetFileNameWithoutExtension(path), found);
            return found.Count > 0
                ? found
                : throw new QualityException("no curve: an object with a list \"bpp\" and a metric's list beside it");
        }
        catch (JsonException error)
        {
            throw new QualityException($"{path}: not valid JSON", error);
        }
        catch (QualityException error)
        {
            throw new QualityException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Whether a metric of that name is a distance.</summary>
    public static bool LowerIsBetter(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return QualityMetric.All.FirstOrDefault(each => each.Name == metric)?.LowerIsBetter
            ?? new[] { "lpips", "mse", "mae", "dists", "fid", "niqe", "brisque", "distance", "error" }
                .Any(word => metric.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static void Visit(
        JsonElement element, string path, string fallback,
        List<(string, IReadOnlyDictionary<string, RateDistortionCurve>)> found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray()) Visit(item, path, fallback, found);
            return;
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        JsonElement results = element.TryGetProperty("results", out JsonElement inner) ? inner : element;
        foreach (string rate in s_rates)
        {
            if (results.ValueKind != JsonValueKind.Object || Numbers(results, rate) is not { } rates) continue;
            string name = path.Length > 0 ? path
                : element.TryGetProperty("name", out JsonElement named) ? named.ToString() : fallback;
            var curves = new Dictionary<string, RateDistortionCurve>();
            foreach (JsonProperty property in results.EnumerateObject())
            {
                if (property.Name == rate || Numbers(results, property.Name) is not { } values) continue;
                try
                {
                    if (values.Length == rates.Length) curves[property.Name] = new RateDistortionCurve(rates, values);
                }
                catch (QualityException error)
                {
                    throw new QualityException($"{name}, {property.Name}: {error.Message}", error);
                }
            }
            if (curves.Count > 0) found.Add((name, curves));
            return;
        }
        foreach (JsonProperty property in element.EnumerateObject())
            Visit(property.Value, path.Length > 0 ? $"{path}/{property.Name}" : property.Name, fallback, found);
    }

    private static double[]? Numbers(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement list) || list.ValueKind != JsonValueKind.Array) return null;
        return list.EnumerateArray().All(each => each.ValueKind == JsonValueKind.Number)
            ? [.. list.EnumerateArray().Select(each => each.GetDouble())]
            : null;
    }
}
