using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>All cells of a sweep with the names they have in the report: with a <see cref="CellStore"/> everything that a report needs.</summary>
public sealed record BenchmarkPlan
{
    /// <summary>The plan's file in a sweep's folder.</summary>
    public const string FileName = "plan.json";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
        IndentSize = 1,
    };

    /// <summary>The report's title.</summary>
    public required string Title { get; init; }

    /// <summary>The program that planned it.</summary>
    public required string Program { get; init; }

    /// <summary>Where it was planned.</summary>
    public required Machine Machine { get; init; }

    /// <summary>The line that deltas are taken against.</summary>
    public required string Anchor { get; init; }

    /// <summary>Side of the report's crops; 0: none.</summary>
    public required int CropSide { get; init; }

    /// <summary>The sets that were found.</summary>
    public required IReadOnlyList<PlannedSet> Sets { get; init; }

    /// <summary>The codecs that were found.</summary>
    public required IReadOnlyList<PlannedCodec> Codecs { get; init; }

    /// <summary>The restorers.</summary>
    public required IReadOnlyList<PlannedRestorer> Restorers { get; init; }

    /// <summary>The metrics whose weights were found.</summary>
    public required IReadOnlyList<PlannedMetric> Metrics { get; init; }

    /// <summary>Codecs with and without restorers.</summary>
    public required IReadOnlyList<PlannedLine> Lines { get; init; }

    /// <summary>What is computed.</summary>
    public required IReadOnlyList<PlannedPoint> Points { get; init; }

    /// <summary>Codecs whose speed is measured.</summary>
    public required IReadOnlyList<PlannedTime> Times { get; init; }

    /// <summary>What can't be computed, as is known beforehand.</summary>
    public required IReadOnlyList<Gap> Gaps { get; init; }

    /// <summary>Points that others published, as <c>results.json</c> has them.</summary>
    public JsonArray Published { get; init; } = [];

    /// <summary>Every cell, once.</summary>
    [JsonIgnore]
    public IEnumerable<Cell> Cells => Points.SelectMany(point => point.Cells).Concat(Times.Select(each => each.Cell)).DistinctBy(cell => cell.Key);

    /// <summary>Reads the plan of a sweep's folder.</summary>
    /// <exception cref="BenchmarkException">There is none, or it can't be read.</exception>
    public static BenchmarkPlan Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<BenchmarkPlan>(File.ReadAllBytes(path), s_json) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new BenchmarkException($"{folder}: holds no sweep: {FileName}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Writes the plan into a sweep's folder.</summary>
    public void Write(string folder) => CellStore.Put(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, s_json));

    /// <summary>Whether another plan has the same cells.</summary>
    public bool HasCellsOf(BenchmarkPlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Points.SelectMany(each => each.Cells).Select(each => each.Key).ToHashSet().SetEquals(other.Points.SelectMany(each => each.Cells).Select(each => each.Key));
    }
}
