using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlIcm.Benchmark.Sweeps;
using LlIcm.Imaging;

namespace LlIcm.Benchmark.Reports;

/// <summary>Writes a sweep's numbers: <c>results.json</c>, <c>results.csv</c>, <c>results.md</c>, and <c>report.html</c>, a page that needs no network.</summary>
public static partial class BenchmarkReport
{
    /// <summary>The page's file.</summary>
    public const string PageName = "report.html";

    private const string Plotly = "Plotly.NET.plotly-2.28.0.min.js";
    private const int CropQuality = 90;

    private static readonly JsonSerializerOptions s_compact = new();
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, IndentSize = 1 };

    /// <summary>Writes all files.</summary>
    /// <param name="results">The numbers.</param>
    /// <param name="folder">Where to.</param>
    /// <exception cref="OutputException">It can't be written.</exception>
    public static void Write(BenchmarkResults results, string folder)
    {
        ArgumentNullException.ThrowIfNull(results);
        JsonObject data = ToJson(results);
        JsonArray crops = Crops(results);
        try
        {
            void Put(string name, string text) => CellStore.Put(Path.Combine(folder, name), new UTF8Encoding(false).GetBytes(text));
            Put("results.json", data.ToJsonString(s_indented) + "\n");
            Put("results.csv", ToCsv(results));
            Put("results.md", BenchmarkTables.ToMarkdown(results));
            data["crops"] = crops;
            data["paper"] = JsonNode.Parse(Part("paper-table2.json"));
            Put(PageName, Page(results.Plan.Title, data));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(folder, error);
        }
    }

    /// <summary>The page with its styles, scripts and data inside.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="data">Its data.</param>
    public static string Page(string title, JsonObject data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["{title}"] = System.Net.WebUtility.HtmlEncode(title),
            ["/*{css}*/"] = Part("report.css"),
            ["/*{plotly}*/"] = Resource(typeof(Plotly.NET.Chart).Assembly, Plotly),
            ["/*{script}*/"] = Part("report.js"),
            ["{data}"] = data.ToJsonString(s_compact).Replace("<", "\\u003c", StringComparison.Ordinal),
        };
        // In one pass: what is put in is not looked at again.
        return Places().Replace(Part("report.html"), match => parts[match.Value]);
    }

    /// <summary>The data of <c>results.json</c>; docs/benchmark.md describes the fields.</summary>
    public static JsonObject ToJson(BenchmarkResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        BenchmarkPlan plan = results.Plan;
        return new JsonObject
        {
            ["format"] = 1,
            ["title"] = plan.Title,
            ["created"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["program"] = new JsonObject { ["version"] = plan.Program },
            ["machine"] = new JsonObject
            {
                ["processor"] = plan.Machine.Processor, ["cores"] = plan.Machine.Cores, ["memory_bytes"] = plan.Machine.MemoryBytes,
                ["system"] = plan.Machine.System, ["runtime"] = plan.Machine.Runtime,
            },
            ["anchor"] = plan.Anchor,
            ["metrics"] = List(plan.Metrics, each => new JsonObject
            {
                ["name"] = each.Name, ["label"] = each.Label, ["unit"] = each.Unit, ["lower_is_better"] = each.LowerIsBetter, ["digits"] = each.Digits, ["note"] = each.Note,
            }),
            ["sets"] = List(plan.Sets, each => new JsonObject
            {
                ["name"] = each.Name, ["task"] = each.Task?.Task(), ["pictures"] = each.Pictures.Count, ["source"] = each.Source,
            }),
            ["codecs"] = List(plan.Codecs, each => new JsonObject
            {
                ["id"] = each.Id, ["label"] = each.Label, ["version"] = each.Version, ["chroma"] = each.Chroma, ["command"] = each.Command, ["ours"] = each.Ours,
            }),
            ["restorers"] = List(plan.Restorers, each => new JsonObject { ["id"] = each.Id, ["label"] = each.Label, ["settings"] = each.Settings }),
            ["lines"] = List(plan.Lines, each => new JsonObject
            {
                ["id"] = each.Id, ["label"] = each.Label, ["codec"] = each.Codec, ["restorer"] = each.Restorer, ["order"] = each.Order.ToString().ToLowerInvariant(), ["ours"] = each.Ours,
            }),
            ["points"] = List(BenchmarkTables.Means(results), each => new JsonObject
            {
                ["set"] = each.Set, ["line"] = each.Line, ["setting"] = Text(each.Setting), ["pictures"] = each.Pictures, ["bpp"] = Round(each.BitsPerPixel), ["values"] = Values(each.Values),
            }),
            ["cells"] = List(results.Rows, each => new JsonObject
            {
                ["set"] = each.Set, ["line"] = each.Line, ["setting"] = Text(each.Setting), ["picture"] = each.Picture, ["bytes"] = each.Bytes, ["bpp"] = Round(each.BitsPerPixel),
                ["values"] = Values(each.Values), ["encode_seconds"] = Round(each.EncodeSeconds), ["decode_seconds"] = Round(each.DecodeSeconds),
                ["restore_seconds"] = each.RestoreSeconds is { } seconds ? Round(seconds) : null,
            }),
            ["missing"] = List(results.Gaps, each => new JsonObject
            {
                ["set"] = each.Set, ["line"] = each.Line, ["setting"] = each.Setting is { } setting ? Text(setting) : null, ["picture"] = each.Picture, ["reason"] = each.Reason,
            }),
            ["deltas"] = List(BenchmarkTables.Deltas(results), each => new JsonObject
            {
                ["set"] = each.Set, ["line"] = each.Line, ["metric"] = each.Metric, ["bd_rate"] = Interval(each.Rate), ["bd_metric"] = Interval(each.Delta),
            }),
            ["crops"] = new JsonArray(),
            ["speed"] = List(results.Times, each => new JsonObject
            {
                ["codec"] = each.Time.Codec, ["setting"] = Text(each.Time.Setting), ["picture"] = each.Time.Picture, ["pixels"] = each.Time.Pixels,
                ["encode_seconds"] = each.Result.Seconds, ["decode_seconds"] = each.Result.DecodeSeconds, ["peak_bytes"] = each.Result.PeakBytes,
                ["note"] = "median of 3 runs on one thread",
            }),
            ["published"] = plan.Published.DeepClone(),
        };
    }

    private static string ToCsv(BenchmarkResults results)
    {
        string[] metrics = [.. results.Plan.Metrics.Select(each => each.Name)];
        var text = new StringBuilder();
        text.Append("set,line,setting,picture,bytes,bpp,").AppendJoin(',', metrics).Append(",encode_seconds,decode_seconds,restore_seconds\n");
        foreach (ResultRow row in results.Rows)
        {
            string[] fields =
            [
                row.Set, row.Line, Text(row.Setting), row.Picture, Text(row.Bytes), Text(row.BitsPerPixel),
                .. metrics.Select(name => row.Values.TryGetValue(name, out double value) ? Text(value) : ""),
                Text(row.EncodeSeconds), Text(row.DecodeSeconds), row.RestoreSeconds is { } seconds ? Text(seconds) : "",
            ];
            text.AppendJoin(',', fields.Select(field => field.AsSpan().IndexOfAny(',', '"', '\n') < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append('\n');
        }
        return text.ToString();
    }

    // Of each set the first picture: the square in which the coded picture differs most from the clean one, or, where nothing is degraded, has most detail.
    private static JsonArray Crops(BenchmarkResults results)
    {
        BenchmarkPlan plan = results.Plan;
        var crops = new JsonArray();
        foreach (PlannedSet set in plan.Sets.Where(_ => plan.CropSide > 0))
        {
            string picture = set.Pictures[0];
            ResultRow[] rows = [.. results.Rows.Where(row => row.Set == set.Name && row.Picture == picture)];
            if (rows.Length == 0 || results.Source(set) is not { } source) continue;
            (Picture input, Picture target) = source;
            (int x, int y, int width, int height) = CropOf.Liveliest(input, target, plan.CropSide);
            string Show(Picture whole) => "data:image/webp;base64," + Convert.ToBase64String(
                PictureFile.Encode(CropOf.Cut(whole, x, y, width, height), PictureFormat.WebP, new PictureSaveOptions { Quality = CropQuality }));
            crops.Add(new JsonObject
            {
                ["set"] = set.Name, ["picture"] = picture, ["box"] = new JsonArray(x, y, width, height), ["input"] = Show(input), ["target"] = Show(target),
                ["lines"] = List(rows.GroupBy(row => row.Line), line => new JsonObject
                {
                    ["line"] = line.Key,
                    ["rates"] = List(line.OrderBy(row => row.BitsPerPixel), row => new JsonObject
                    {
                        ["setting"] = Text(row.Setting), ["bpp"] = Round(row.BitsPerPixel), ["psnr"] = row.Values.TryGetValue("psnr", out double psnr) ? Round(psnr) : null,
                        ["image"] = Show(PictureFile.Load(row.File)),
                    }),
                }),
            });
        }
        return crops;
    }

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonObject> make) => new([.. items.Select(make)]);

    private static JsonObject Values(IReadOnlyDictionary<string, double> values) => new(values.Select(each => KeyValuePair.Create<string, JsonNode?>(each.Key, Round(each.Value))));

    private static JsonObject Interval(DeltaInterval delta) => new()
    {
        ["value"] = Round(delta.Value), ["low"] = Round(delta.Low), ["high"] = Round(delta.High), ["problem"] = delta.Problem,
    };

    private static JsonNode Round(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 6)) : JsonValue.Create("none")!;

    private static JsonNode? Round(double? value) => value is { } known && double.IsFinite(known) ? JsonValue.Create(Math.Round(known, 6)) : null;

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{title\}|\{data\}|/\*\{(?:css|plotly|script)\}\*/")]
    private static partial Regex Places();

    private static string Part(string name) => Resource(typeof(BenchmarkReport).Assembly, $"LlIcm.Benchmark.Reports.Page.{name}");

    private static string Resource(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{assembly.GetName().Name} lacks {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
