using System.Globalization;
using System.Text.Json;

namespace LlIcm.Quality;

/// <summary>
/// Rate–distortion curves in JSON, or JSON Lines. A codec is, at any depth, an object with a list <c>bpp</c> (or
/// <c>rate</c>) and lists of the same length beside it, as CompressAI's result files have it (<c>{"name", "results": {"bpp",
/// "psnr-rgb", …}}</c>); or one with a list <c>points</c> of objects that hold <c>bpp</c> (or <c>rate</c>) and numbers, as
/// <c>llicm benchmark codec --json</c> writes it.
/// </summary>
public static class RateDistortionFile
{
    private static readonly string[] s_rates = ["bpp", "rate"], s_names = ["name", "codec"];

    // What result files list beside qualities.
    private static readonly string[] s_others = ["time", "seconds", "bytes", "size", "lambda", "setting", "complexity", "flops"];

    /// <summary>Reads the curves of a file.</summary>
    /// <returns>The codecs in file order: a name, and a curve for each list of numbers.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="QualityException">It holds no curve, or an unusable one.</exception>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, RateDistortionCurve> Curves)> Load(
        string path) => Read(File.ReadAllBytes(path), path);

    /// <summary>Reads the curves from memory.</summary>
    /// <param name="json">The whole file.</param>
    /// <param name="path">Its name, for messages and for a codec that has none.</param>
    /// <exception cref="QualityException">It holds no curve, or an unusable one.</exception>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, RateDistortionCurve> Curves)> Read(
        ReadOnlySpan<byte> json, string path)
    {
        var found = new List<(string, IReadOnlyDictionary<string, RateDistortionCurve>)>();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                Visit(document.RootElement, "", Path.GetFileNameWithoutExtension(path), found);
            }
        }
        catch (JsonException error)
        {
            throw new QualityException(
                string.Create(CultureInfo.InvariantCulture, $"{path}: not valid JSON (line {error.LineNumber + 1})"), error);
        }
        catch (QualityException error)
        {
            throw new QualityException($"{path}: {error.Message}", error);
        }
        return found.Count > 0
            ? found
            : throw new QualityException(
                $"{path}: no curve: an object with a list \"bpp\" and a metric's list of the same length beside it");
    }

    /// <summary>Whether a metric of that name is a distance.</summary>
    public static bool LowerIsBetter(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return QualityMetric.All.FirstOrDefault(each => each.Name == metric || each.Field == metric)?.LowerIsBetter
            ?? new[] { "lpips", "mse", "mae", "dists", "fid", "niqe", "brisque", "distance", "error" }
                .Any(word => metric.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a list of that name is likely to be a quality, and not a time, a setting or a size.</summary>
    public static bool IsQuality(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return !metric.Equals("quality", StringComparison.OrdinalIgnoreCase)
            && !metric.Equals("q", StringComparison.OrdinalIgnoreCase)
            && !s_rates.Contains(metric, StringComparer.OrdinalIgnoreCase)
            && !s_others.Any(word => metric.Contains(word, StringComparison.OrdinalIgnoreCase));
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
        if (Lists(results) is { } lists)
        {
            string name = path.Length > 0 ? path
                : s_names.Select(key => element.TryGetProperty(key, out JsonElement named) ? named.ToString() : null)
                    .FirstOrDefault(named => !string.IsNullOrEmpty(named)) ?? fallback;
            Dictionary<string, RateDistortionCurve> curves = Curves(name, lists);
            if (curves.Count > 0) found.Add((name, curves));
            return;
        }
        foreach (JsonProperty property in element.EnumerateObject())
            Visit(property.Value, path.Length > 0 ? $"{path}/{property.Name}" : property.Name, fallback, found);
    }

    private static Dictionary<string, RateDistortionCurve> Curves(string name, Dictionary<string, double[]> lists)
    {
        string rate = s_rates.First(lists.ContainsKey);
        var curves = new Dictionary<string, RateDistortionCurve>();
        foreach ((string metric, double[] values) in lists)
        {
            if (metric == rate || values.Length != lists[rate].Length) continue;
            try
            {
                curves[metric] = new RateDistortionCurve(lists[rate], values);
            }
            catch (QualityException error)
            {
                throw new QualityException($"{name}, {metric}: {error.Message}", error);
            }
        }
        return curves;
    }

    // The lists of numbers of a codec by name; null if this is none.
    private static Dictionary<string, double[]>? Lists(JsonElement codec)
    {
        if (codec.ValueKind != JsonValueKind.Object) return null;
        var lists = new Dictionary<string, double[]>();
        if (codec.TryGetProperty("points", out JsonElement points) && points.ValueKind == JsonValueKind.Array)
        {
            // A number that one point lacks makes a list that is too short, and so no curve.
            foreach (IGrouping<string, JsonProperty> numbers in points.EnumerateArray()
                .Where(point => point.ValueKind == JsonValueKind.Object)
                .SelectMany(point => point.EnumerateObject().Where(each => each.Value.ValueKind == JsonValueKind.Number))
                .GroupBy(each => each.Name))
                lists[numbers.Key] = [.. numbers.Select(each => each.Value.GetDouble())];
        }
        else
        {
            foreach (JsonProperty property in codec.EnumerateObject())
                if (Numbers(property.Value) is { } values) lists[property.Name] = values;
        }
        return s_rates.Any(lists.ContainsKey) ? lists : null;
    }

    private static double[]? Numbers(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(each => each.ValueKind == JsonValueKind.Number)
            ? [.. list.EnumerateArray().Select(each => each.GetDouble())]
            : null;
}
