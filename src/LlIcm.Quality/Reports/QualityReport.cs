using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace LlIcm.Quality;

/// <summary>Measurements of pictures: a row for each, a column for each metric, and the means.</summary>
public sealed class QualityReport
{
    // The part that is the score on the other scale: a table gives it a column.
    private const string UnitPart = "0_1", UnitScale = "0–1";

    private readonly List<(string Name, QualityValue[] Values)> _rows = [];

    /// <summary>An empty report.</summary>
    /// <param name="metrics">The columns.</param>
    public QualityReport(IEnumerable<MetricInfo> metrics) => Metrics = [.. metrics];

    /// <summary>The columns.</summary>
    public IReadOnlyList<MetricInfo> Metrics { get; }

    /// <summary>The rows: a name, and a value for each metric.</summary>
    public IReadOnlyList<(string Name, QualityValue[] Values)> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has not one value a metric.</exception>
    public void Add(string name, IEnumerable<QualityValue> values)
    {
        QualityValue[] row = [.. values];
        if (row.Length != Metrics.Count)
            throw new ArgumentException($"{row.Length} values for {Metrics.Count} metrics", nameof(values));
        _rows.Add((name, row));
    }

    /// <summary>The mean of a column over the rows that have a number; null if none has.</summary>
    public MeanInterval? MeanOf(int metric) =>
        MeanInterval.Of(_rows.Select(row => row.Values[metric].Value).OfType<double>());

    /// <summary>
    /// An aligned table for a terminal, with the means and their 95 % intervals in the last line; problems follow it.
    /// </summary>
    public string ToText()
    {
        bool[] scaled = [.. Metrics.Select((_, i) => _rows.Any(row => PartOf(row.Values[i], UnitPart) is not null))];
        var head = new List<string> { "" };
        for (int i = 0; i < Metrics.Count; i++)
        {
            head.Add(Metrics[i].Unit.Length > 0 ? $"{Metrics[i].Name} [{Metrics[i].Unit}]" : Metrics[i].Name);
            if (scaled[i]) head.Add($"{Metrics[i].Name} [{UnitScale}]");
        }
        List<List<string>> lines = [head, .. _rows.Select(row => Line(row.Name, row.Values, scaled))];
        if (_rows.Count > 1) lines.Add(MeanLine(scaled));
        int[] widths = [.. Enumerable.Range(0, head.Count).Select(i => lines.Max(line => line[i].Length))];
        var text = new StringBuilder();
        foreach (List<string> line in lines)
        {
            text.Append(line[0].PadRight(widths[0]));
            for (int i = 1; i < widths.Length; i++) text.Append("  ").Append(line[i].PadLeft(widths[i]));
            // What follows the columns is text.
            if (line.Count > widths.Length) text.Append("  ").Append(line[^1]);
            text.Append('\n');
        }
        foreach ((string name, QualityValue[] values) in _rows)
            for (int i = 0; i < values.Length; i++)
                if (values[i].Problem is { } problem) text.Append($"{name}: {Metrics[i].Name}: {problem}\n");
        for (int i = 0; _rows.Count > 1 && i < Metrics.Count; i++)
        {
            if (MeanOf(i) is { Infinite: > 0, Count: > 0 } mean)
                text.Append(CultureInfo.InvariantCulture, $"{Metrics[i].Name}: the mean is that of {mean.Count}; {mean.Infinite} infinite left out\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// Comma-separated values (RFC 4180) with a header: <c>name</c>, and for each metric its field and those of its parts
    /// (<c>liqe</c>, <c>liqe_scene</c>, …). An infinite number is <c>inf</c>, none is empty. No means: those are for whoever
    /// reads it.
    /// </summary>
    public string ToCsv()
    {
        string[][] parts = [.. Metrics.Select((_, i) =>
            _rows.SelectMany(row => row.Values[i].Parts).Select(part => part.Name).Distinct().ToArray())];
        var text = new StringBuilder("name");
        foreach ((int i, MetricInfo metric) in Metrics.Index())
        {
            text.Append(',').Append(metric.Field);
            foreach (string part in parts[i]) text.Append(',').Append(metric.Field).Append('_').Append(part);
        }
        text.Append('\n');
        foreach ((string name, QualityValue[] values) in _rows)
        {
            text.Append(Quoted(name));
            for (int i = 0; i < values.Length; i++)
            {
                text.Append(',').Append(Exact(values[i].Value));
                foreach (string part in parts[i])
                {
                    QualityPart? found = PartOf(values[i], part);
                    text.Append(',').Append(Quoted(found?.Text ?? Exact(found?.Number)));
                }
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>
    /// A row's fields for JSON: each metric's number (null where it is infinite or there is none) and parts, and
    /// <c>problems</c> where a number is missing.
    /// </summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> RowFields(int row)
    {
        var problems = new JsonObject();
        foreach ((int i, QualityValue value) in _rows[row].Values.Index())
        {
            string field = Metrics[i].Field;
            yield return new(field, Node(value.Value));
            foreach (QualityPart part in value.Parts)
                yield return new($"{field}_{part.Name}", part.Text is { } text ? JsonValue.Create(text) : Node(part.Number));
            if (value.Problem is { } problem) problems[field] = problem;
        }
        if (problems.Count > 0) yield return new("problems", problems);
    }

    /// <summary>
    /// The means for JSON: <c>{metric: {"mean", "half_width_95", "count", "infinite"}}</c>, of the finite values, whose number is
    /// <c>count</c>; a mean is null where there is none, a half width for fewer than two.
    /// </summary>
    public JsonObject MeanFields()
    {
        var fields = new JsonObject();
        for (int i = 0; i < Metrics.Count; i++)
        {
            if (MeanOf(i) is not { } mean) continue;
            fields[Metrics[i].Field] = new JsonObject
            {
                ["mean"] = Node(mean.Mean),
                ["half_width_95"] = Node(mean.HalfWidth),
                ["count"] = mean.Count,
                ["infinite"] = mean.Infinite,
            };
        }
        return fields;
    }

    private List<string> Line(string name, QualityValue[] values, bool[] scaled)
    {
        var line = new List<string> { name };
        var details = new List<string>();
        for (int i = 0; i < values.Length; i++)
        {
            line.Add(Cell(i, values[i].Value));
            if (scaled[i]) line.Add(Cell(i, PartOf(values[i], UnitPart)?.Number));
            if (values[i].Detail is { } detail) details.Add(detail);
        }
        if (details.Count > 0) line.Add(string.Join("  ", details));
        return line;
    }

    private List<string> MeanLine(bool[] scaled)
    {
        var line = new List<string> { "mean ± 95 %" };
        for (int i = 0; i < Metrics.Count; i++)
        {
            line.Add(Mean(i, MeanOf(i)));
            if (scaled[i])
                line.Add(Mean(i, MeanInterval.Of(_rows.Select(row => PartOf(row.Values[i], UnitPart)?.Number).OfType<double>())));
        }
        return line;
    }

    private string Mean(int metric, MeanInterval? mean) => mean is null
        ? Cell(metric, null)
        : mean.Mean is null
        ? Cell(metric, double.PositiveInfinity)
        : Cell(metric, mean.Mean) + (mean.HalfWidth is { } half ? " ± " + Cell(metric, half) : "");

    // Nobody can see a thousandth of a decibel.
    private string Cell(int metric, double? value) => value switch
    {
        null => "–",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        { } number => number.ToString(Metrics[metric].Unit == "dB" ? "0.00" : "0.0000", CultureInfo.InvariantCulture),
    };

    private static QualityPart? PartOf(QualityValue value, string name)
    {
        foreach (QualityPart part in value.Parts)
            if (part.Name == name) return part;
        return null;
    }

    private static JsonValue? Node(double? value) =>
        value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;

    private static string Exact(double? value) => value switch
    {
        null => "",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        { } number => number.ToString("r", CultureInfo.InvariantCulture),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
