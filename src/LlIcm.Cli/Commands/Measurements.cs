using System.Text.Json.Nodes;
using LlIcm.Cli.Terminal;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary>What `compare` and `score` have measured, and how they say it.</summary>
/// <param name="report">Where it is said.</param>
/// <param name="csv">Whether as comma-separated values.</param>
/// <param name="metrics">What is measured.</param>
public sealed class Measurements(Report report, bool csv, IEnumerable<MetricInfo> metrics)
{
    private readonly QualityReport _rows = new(metrics);

    /// <summary>How many pictures have been measured.</summary>
    public int Count => _rows.Rows.Count;

    /// <summary>Takes a picture's numbers; JSON is said at once.</summary>
    /// <param name="input">The picture.</param>
    /// <param name="values">A value of each metric.</param>
    /// <param name="before">Fields of JSON before the numbers.</param>
    /// <param name="after">Fields of JSON after the numbers.</param>
    /// <exception cref="QualityException">Nothing could be measured.</exception>
    public void Add(string input, QualityValue[] values, JsonObject before, JsonObject after)
    {
        if (values.Length > 0 && values.All(value => value.Value is null))
            throw new QualityException(values.Select(value => value.Problem).OfType<string>().First());
        _rows.Add(input, values);
        if (!report.IsJson) return;
        var json = new JsonObject { ["input"] = input, ["ok"] = true };
        foreach ((string name, JsonNode? node) in before.Concat(_rows.RowFields(_rows.Rows.Count - 1)).Concat(after).ToArray())
            json[name] = node?.DeepClone();
        report.Success(json, _ => { });
    }

    /// <summary>Says the rest: the table or the comma-separated values; after several pictures the means.</summary>
    public void Finish()
    {
        if (Count == 0) return;
        if (csv) report.Text.Write(_rows.ToCsv());
        else if (report.IsJson && Count > 1)
            report.Success(new JsonObject { ["ok"] = true, ["means"] = _rows.MeanFields() }, _ => { });
        else if (report.IsText) report.Text.Write(_rows.ToText());
    }
}
