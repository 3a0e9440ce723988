using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LlIcm.Quality;

/// <summary>Measurements of pictures: a row for each, a column for each metric, and the means.</summary>
public sealed class QualityReport
{
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

    /// <summary>An aligned table for a terminal, with the means and their 95 % intervals in the last line.</summary>
    public string ToText()
    {
        var lines = new List<string[]>
        {
            (string[])["", .. Metrics.Select(m => m.Unit.Length > 0 ? $"{m.Name} [{m.Unit}]" : m.Name)],
        };
        foreach ((string name, QualityValue[] values) in _rows)
            lines.Add([name, .. values.Select(each => Cell(each) + (each.Detail is { } d ? $" ({d})" : ""))]);
        if (_rows.Count > 1)
            lines.Add(["mean ± 95 %", .. Metrics.Select((_, i) => MeanOf(i) is { } mean
                ? Number(mean.Mean) + (mean.HalfWidth is { } half ? " ± " + Number(half) : "")
                : "–")]);
        int[] widths = [.. Enumerable.Range(0, Metrics.Count + 1).Select(i => lines.Max(line => line[i].Length))];
        var text = new StringBuilder();
        foreach (string[] line in lines)
        {
            string row = line[0].PadRight(widths[0]);
            for (int i = 1; i < line.Length; i++) row += "  " + line[i].PadLeft(widths[i]);
            text.Append(row.TrimEnd()).Append('\n');
        }
        foreach ((string name, QualityValue[] values) in _rows)
            for (int i = 0; i < values.Length; i++)
                if (values[i].Problem is { } problem) text.Append($"{name}: {Metrics[i].Name}: {problem}\n");
        return text.ToString();
    }

    /// <summary>
    /// Comma-separated values (RFC 4180) with a header: <c>name</c>, the metrics, and <c>liqe detail</c> and the like
    /// where a metric says more than a number. No means: those are for whoever reads it.
    /// </summary>
    public string ToCsv()
    {
        bool[] detailed = [.. Metrics.Select((_, i) => _rows.Any(row => row.Values[i].Detail is not null))];
        var text = new StringBuilder("name");
        for (int i = 0; i < Metrics.Count; i++)
        {
            text.Append(',').Append(Field(Metrics[i].Name));
            if (detailed[i]) text.Append(',').Append(Field(Metrics[i].Name + " detail"));
        }
        text.Append('\n');
        foreach ((string name, QualityValue[] values) in _rows)
        {
            text.Append(Field(name));
            for (int i = 0; i < values.Length; i++)
            {
                text.Append(',').Append(values[i].Value?.ToString("r", CultureInfo.InvariantCulture));
                if (detailed[i]) text.Append(',').Append(Field(values[i].Detail ?? ""));
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>
    /// JSON: <c>{"pictures": [{"name", "values": {metric: number or null}, "details", "problems"}], "means": {metric:
    /// {"mean", "half_width_95", "count"}}}</c>. Infinite numbers are the strings <c>"inf"</c> and <c>"-inf"</c>.
    /// </summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("pictures");
            foreach ((string name, QualityValue[] values) in _rows) WriteRow(json, name, values);
            json.WriteEndArray();
            json.WriteStartObject("means");
            for (int i = 0; i < Metrics.Count; i++)
            {
                if (MeanOf(i) is not { } mean) continue;
                json.WriteStartObject(Metrics[i].Name);
                WriteNumber(json, "mean", mean.Mean);
                WriteNumber(json, "half_width_95", mean.HalfWidth);
                json.WriteNumber("count", mean.Count);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private void WriteRow(Utf8JsonWriter json, string name, QualityValue[] values)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("values");
        for (int i = 0; i < values.Length; i++) WriteNumber(json, Metrics[i].Name, values[i].Value);
        json.WriteEndObject();
        WriteTexts("details", value => value.Detail);
        WriteTexts("problems", value => value.Problem);
        json.WriteEndObject();

        void WriteTexts(string field, Func<QualityValue, string?> text)
        {
            if (values.All(value => text(value) is null)) return;
            json.WriteStartObject(field);
            for (int i = 0; i < values.Length; i++)
                if (text(values[i]) is { } found) json.WriteString(Metrics[i].Name, found);
            json.WriteEndObject();
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number || double.IsNaN(number)) json.WriteNull(name);
        else if (double.IsInfinity(number)) json.WriteString(name, number > 0 ? "inf" : "-inf");
        else json.WriteNumber(name, number);
    }

    private static string Cell(QualityValue value) => value.Value is { } number ? Number(number) : "–";

    private static string Number(double value) =>
        double.IsInfinity(value) ? value > 0 ? "inf" : "-inf" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
