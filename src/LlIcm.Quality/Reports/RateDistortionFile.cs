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
    /// <param name="json">The whole file; a byte order mark is skipped, and NaN and Infinity as Python writes them count as null.</param>
    /// <param name="path">Its name, for messages and for a codec that has none.</param>
    /// <param name="problems">Receives a line for each list that is left out, or whole codec, and why; null: not wanted.</param>
    /// <exception cref="QualityException">It holds no curve.</exception>
    public static IReadOnlyList<(string Name, IReadOnlyDictionary<string, RateDistortionCurve> Curves)> Read(
        ReadOnlySpan<byte> json, string path, ICollection<string>? problems = null)
    {
        var found = new List<(string, IReadOnlyDictionary<string, RateDistortionCurve>)>();
        var left = new List<string>();
        try
        {
            var reader = new Utf8JsonReader(PythonJson.ToJson(json), new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                Visit(document.RootElement, "", Path.GetFileNameWithoutExtension(path), found, left);
            }
        }
        catch (JsonException error)
        {
            throw new QualityException(
                string.Create(CultureInfo.InvariantCulture, $"{path}: not valid JSON (line {error.LineNumber + 1})"), error);
        }
        catch (InvalidOperationException error)
        {
            // What text that is no UTF-8 ends in, or an escape that is no character.
            throw new QualityException($"{path}: not valid JSON (text that is no Unicode)", error);
        }
        // Names and texts come from the file.
        left = [.. left.Select(line => string.Concat(line.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)))];
        foreach (string problem in left) problems?.Add($"{path}: {problem}");
        if (found.Count > 0 || (problems is not null && left.Count > 0)) return found;
        throw new QualityException(left.Count > 0
            ? $"{path}: {left[0]}"
            : $"{path}: no curve: an object with a list \"bpp\" and a metric's list of the same length beside it");
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
        List<(string, IReadOnlyDictionary<string, RateDistortionCurve>)> found, List<string> problems)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray()) Visit(item, path, fallback, found, problems);
            return;
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        JsonElement results = element.TryGetProperty("results", out JsonElement inner) ? inner : element;
        if (Lists(results) is { } lists)
        {
            string name = path.Length > 0 ? path
                : s_names.Select(key => element.TryGetProperty(key, out JsonElement named) ? named.ToString() : null)
                    .FirstOrDefault(named => !string.IsNullOrEmpty(named)) ?? fallback;
            Dictionary<string, RateDistortionCurve> curves = Curves(name, lists, problems);
            if (curves.Count > 0) found.Add((name, curves));
            return;
        }
        foreach (JsonProperty property in element.EnumerateObject())
            Visit(property.Value, path.Length > 0 ? $"{path}/{property.Name}" : property.Name, fallback, found, problems);
    }

    private static Dictionary<string, RateDistortionCurve> Curves(
        string name, Dictionary<string, JsonElement?[]> lists, List<string> problems)
    {
        string rate = s_rates.First(lists.ContainsKey);
        var curves = new Dictionary<string, RateDistortionCurve>();
        if (Problem(lists[rate]) is { } unusable)
        {
            problems.Add($"{name}: left out: {rate}: {unusable}");
            return curves;
        }
        double[] rates = Numbers(lists[rate]);
        foreach ((string metric, JsonElement?[] values) in lists.Where(each => each.Key != rate))
        {
            string? problem = Problem(values)
                ?? (values.Length != rates.Length ? $"{values.Length} values for {rates.Length} rates" : null);
            try
            {
                if (problem is null) curves[metric] = new RateDistortionCurve(rates, Numbers(values));
            }
            catch (QualityException error)
            {
                problem = error.Message;
            }
            // Times, settings and names are no curves, whatever is in them.
            if (problem is not null && IsQuality(metric)) problems.Add($"{name}: {metric}: left out: {problem}");
        }
        if (lists.Count == 1) problems.Add($"{name}: left out: there is no list beside {rate}");
        return curves;
    }

    // The lists of a codec by name; null if this is none.
    private static Dictionary<string, JsonElement?[]>? Lists(JsonElement codec)
    {
        if (codec.ValueKind != JsonValueKind.Object) return null;
        var lists = new Dictionary<string, JsonElement?[]>();
        if (codec.TryGetProperty("points", out JsonElement points) && points.ValueKind == JsonValueKind.Array)
        {
            JsonElement[] objects = [.. points.EnumerateArray().Where(point => point.ValueKind == JsonValueKind.Object)];
            foreach (string key in objects.SelectMany(point => point.EnumerateObject()).Select(each => each.Name).Distinct())
            {
                JsonElement?[] values = [.. objects.Select(point => point.TryGetProperty(key, out JsonElement value) ? value : (JsonElement?)null)];
                if (values.Any(value => value is { ValueKind: JsonValueKind.Number })) lists[key] = values;
            }
        }
        else
        {
            foreach (JsonProperty property in codec.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Array) continue;
                JsonElement?[] values = [.. property.Value.EnumerateArray().Select(each => (JsonElement?)each)];
                // Lists of words, as pictures' names, are none of numbers.
                if (s_rates.Contains(property.Name) || values.Length == 0 || values.Any(MayBeNumber)) lists[property.Name] = values;
            }
        }
        return s_rates.Any(lists.ContainsKey) ? lists : null;
    }

    private static bool MayBeNumber(JsonElement? value) => value is { ValueKind: JsonValueKind.Number or JsonValueKind.Null }
        || (value is { ValueKind: JsonValueKind.String } text
            && double.TryParse(text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    // Why a list is no list of numbers.
    private static string? Problem(JsonElement?[] values)
    {
        if (values.Length == 0) return "the list is empty";
        for (int i = 0; i < values.Length; i++)
        {
            string? what = values[i] switch
            {
                null => "is missing",
                { ValueKind: JsonValueKind.Number } number => double.IsFinite(number.GetDouble()) ? null : "is no finite number",
                { ValueKind: JsonValueKind.Null } => "is null, NaN or infinite",
                { ValueKind: JsonValueKind.String } text => $"is the text \"{text.GetString()}\", not a number",
                _ => "is no number",
            };
            if (what is not null) return string.Create(CultureInfo.InvariantCulture, $"value {i + 1} {what}");
        }
        return null;
    }

    private static double[] Numbers(JsonElement?[] values) => [.. values.Select(value => value!.Value.GetDouble())];
}
