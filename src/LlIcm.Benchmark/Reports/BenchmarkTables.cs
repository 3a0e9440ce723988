using System.Globalization;
using System.Text;
using LlIcm.Benchmark.Sweeps;

namespace LlIcm.Benchmark.Reports;

/// <summary>Means and deltas of a sweep, and the same as Markdown.</summary>
public static class BenchmarkTables
{
    /// <summary>Means over the pictures of a set, for each line and setting.</summary>
    public static IReadOnlyList<MeanPoint> Means(BenchmarkResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return [.. results.Rows.GroupBy(row => (row.Set, row.Line, row.Setting)).Select(each => new MeanPoint(
            each.Key.Set, each.Key.Line, each.Key.Setting, each.Count(), each.Average(row => row.BitsPerPixel),
            results.Plan.Metrics.Where(metric => each.Any(row => row.Values.ContainsKey(metric.Name)))
                .ToDictionary(metric => metric.Name, metric => each.Where(row => row.Values.ContainsKey(metric.Name)).Average(row => row.Values[metric.Name]))))];
    }

    /// <summary>Deltas against the anchor, for each set, line and metric.</summary>
    public static IReadOnlyList<LineDelta> Deltas(BenchmarkResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        BenchmarkPlan plan = results.Plan;
        var deltas = new List<LineDelta>();
        foreach (PlannedSet set in plan.Sets)
        {
            foreach (PlannedLine line in plan.Lines.Where(line => line.Id != plan.Anchor))
            {
                foreach (PlannedMetric metric in plan.Metrics)
                    if (results.Delta(set.Name, line.Id, metric) is { } delta) deltas.Add(new LineDelta(set.Name, line.Id, metric.Name, delta.Rate, delta.Metric));
            }
        }
        return deltas;
    }

    /// <summary>Tables of a set each: the points of every line, then the deltas.</summary>
    public static string ToMarkdown(BenchmarkResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        BenchmarkPlan plan = results.Plan;
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Dictionary<string, string> labels = plan.Lines.ToDictionary(line => line.Id, line => line.Label);
        ILookup<string, MeanPoint> means = Means(results).ToLookup(point => point.Set);
        ILookup<string, LineDelta> deltas = Deltas(results).ToLookup(delta => delta.Set);
        Line($"# {plan.Title}\n");
        Line($"{plan.Program}; {plan.Machine.Processor}, {plan.Machine.Cores} cores, {plan.Machine.System}, {plan.Machine.Runtime}.");
        Line($"Deltas are against {labels.GetValueOrDefault(plan.Anchor, plan.Anchor)}; in brackets 95 % intervals over the pictures.");
        foreach (PlannedSet set in plan.Sets)
        {
            Line($"\n## {set.Name}: {set.Pictures.Count} pictures\n");
            Line($"| line | setting | bits per pixel | {string.Join(" | ", plan.Metrics.Select(metric => metric.Unit.Length > 0 ? $"{metric.Label} ({metric.Unit})" : metric.Label))} |");
            Line($"|---|---|---|{string.Concat(plan.Metrics.Select(_ => "---|"))}");
            foreach (MeanPoint point in means[set.Name])
                Line($"| {labels[point.Line]} | {point.Setting} | {point.BitsPerPixel:0.000} | {string.Join(" | ", plan.Metrics.Select(metric => Value(point, metric)))} |");
            if (!deltas[set.Name].Any()) continue;
            Line($"\n| line | {string.Join(" | ", plan.Metrics.Select(metric => $"BD-rate ({metric.Label}) | BD-{metric.Label}"))} |");
            Line($"|---|{string.Concat(plan.Metrics.Select(_ => "---|---|"))}");
            foreach (IGrouping<string, LineDelta> line in deltas[set.Name].GroupBy(delta => delta.Line))
            {
                Dictionary<string, LineDelta> own = line.ToDictionary(delta => delta.Metric);
                Line($"| {labels[line.Key]} | {string.Join(" | ", plan.Metrics.Select(metric => own.TryGetValue(metric.Name, out LineDelta? delta)
                    ? $"{Interval(delta.Rate, "0.0", " %")} | {Interval(delta.Delta, metric.Digits == 2 ? "0.00" : "0.000", "")}" : "– | –"))} |");
            }
        }
        if (results.Times.Count > 0)
        {
            Line($"\n## Speed, one thread\n\n| codec | setting | picture | encode (s) | decode (s) | peak memory (MB) |\n|---|---|---|---|---|---|");
            foreach ((PlannedTime time, CellResult result) in results.Times)
                Line($"| {plan.Codecs.First(codec => codec.Id == time.Codec).Label} | {time.Setting} | {time.Picture} | {result.Seconds:0.000} | {result.DecodeSeconds:0.000} | {(result.PeakBytes is { } bytes ? $"{bytes / 1_000_000}" : "–")} |");
        }
        if (results.Gaps.Count > 0)
        {
            Line($"\n## Missing\n");
            foreach (Gap gap in results.Gaps) Line($"* {Describe(gap)}");
        }
        return text.ToString();
    }

    /// <summary>A gap in one line.</summary>
    public static string Describe(Gap gap)
    {
        ArgumentNullException.ThrowIfNull(gap);
        string[] where = [.. new[] { gap.Set, gap.Line, gap.Setting?.ToString(CultureInfo.InvariantCulture), gap.Picture }.OfType<string>()];
        return where.Length == 0 ? gap.Reason : $"{string.Join(", ", where)}: {gap.Reason}";
    }

    private static string Value(MeanPoint point, PlannedMetric metric) =>
        point.Values.TryGetValue(metric.Name, out double value) ? value.ToString(metric.Digits == 2 ? "0.00" : "0.000", CultureInfo.InvariantCulture) : "–";

    private static string Interval(DeltaInterval delta, string format, string unit)
    {
        if (delta.Value is not { } value) return "–";
        string Text(double number) => number.ToString($"+{format};−{format};{format}", CultureInfo.InvariantCulture);
        return Text(value) + unit + (delta.Low is { } low && delta.High is { } high ? $" [{Text(low)}, {Text(high)}]" : "");
    }
}
