using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm bd</c>: Bjøntegaard deltas between rate–distortion curves. Loads no library.</summary>
public static class BdCommand
{
    private static readonly string[] s_columns =
    [
        "test", "anchor", "metric", "interpolation", "bd_rate", "bd_rate_overlap", "bd_rate_note", "bd_metric",
        "bd_metric_overlap", "bd_metric_note",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("CURVES.json")
        {
            Description = "Files of curves (objects with lists \"bpp\" and metrics; what `llicm benchmark codec --json` writes), or -.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> anchor = new("--anchor") { HelpName = "NAME", Description = "The codec to compare with. Default: the first." };
        Option<string[]> metrics = new("--metric")
        {
            HelpName = "NAME",
            Description = "A metric; repeatable. Default: all that a codec shares with the anchor, but times, sizes and settings.",
        };
        Option<CurveInterpolation?> method = Choices.Option<CurveInterpolation>(
            "--method", "How curves are drawn through the points. Default: pchip.");
        Option<string[]> lower = new("--lower-is-better")
        {
            HelpName = "NAME",
            Description = "A metric that is a distance; repeatable. LPIPS, MSE and the like are known.",
        };
        Option<string[]> higher = new("--higher-is-better")
        {
            HelpName = "NAME",
            Description = "A metric that is no distance though its name looks so; repeatable.",
        };
        Option<bool> csv = new("--csv") { Description = "Comma-separated values instead of a table, all digits." };
        Option<bool> skip = new("--skip-incomplete")
        {
            Description = "Count it as success that lists with gaps, text or another length are left out. They are named either way.",
        };
        var common = new CommonOptions();
        var command = new Command("bd", "Bjøntegaard deltas: mean rate difference at equal quality, mean quality difference at equal rate.")
        {
            files, anchor, metrics, method, lower, higher, csv, skip,
        };
        command.Add(common.Json);
        command.Add(common.Quiet);
        command.Validators.Add(result =>
        {
            if (result.GetValue(csv) && result.GetValue(common.Json)) result.AddError("only one of --csv and --json");
        });
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            var problems = new List<(string File, string Line)>();
            List<Codec> codecs = Read(parsed.GetRequiredValue(files), problems);
            foreach ((string file, string line) in problems) report.Failed(file, new Failure(ExitCode.Input, line));
            // Each is said already.
            if (codecs.Count == 0) return (int)ExitCode.Input;
            RequireTwo(codecs, problems);
            Codec first = Anchor(codecs, parsed.GetValue(anchor));
            List<Row> rows = Compare(
                codecs, first, parsed.GetValue(metrics) ?? [], parsed.GetValue(method) ?? CurveInterpolation.Pchip,
                metric => (parsed.GetValue(lower) ?? []).Contains(metric)
                    || (!(parsed.GetValue(higher) ?? []).Contains(metric) && RateDistortionFile.LowerIsBetter(metric)));
            foreach (Row row in rows) report.Success(ToJson(row, first), _ => { });
            if (parsed.GetValue(csv)) report.Text.Write(ToCsv(rows, first));
            else if (report.IsText) report.Text.Write(ToText(rows, first));
            return (int)(problems.Count > 0 && !parsed.GetValue(skip) ? ExitCode.SomeFailed : ExitCode.Success);
        });
        return command;
    }

    private static List<Codec> Read(IEnumerable<string> paths, List<(string File, string Line)> problems)
    {
        var codecs = new List<Codec>();
        foreach (string path in paths)
        {
            byte[] data = new InputFile(path).Read();
            try
            {
                var left = new List<string>();
                codecs.AddRange(RateDistortionFile.Read(data, path, left).Select(each => new Codec(path, each.Name, each.Curves)));
                problems.AddRange(left.Select(line => (path, line)));
            }
            catch (QualityException error)
            {
                throw new CliException(ExitCode.Input, error.Message, error);
            }
        }
        // The same name in several files: the files' names tell them apart.
        string[] twice = [.. codecs.GroupBy(codec => codec.Name).Where(group => group.Count() > 1).Select(group => group.Key)];
        codecs = [.. codecs.Select(codec => twice.Contains(codec.Name)
            ? codec with { Name = $"{Path.GetFileNameWithoutExtension(codec.File)}/{codec.Name}" } : codec)];
        if (codecs.GroupBy(codec => codec.Name).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new CliException(ExitCode.Input, $"{same.First().File}: holds two curves named '{same.Key}'");
        return codecs;
    }

    private static void RequireTwo(List<Codec> codecs, List<(string File, string Line)> problems)
    {
        if (codecs.Count > 1) return;
        throw new CliException(
            problems.Count > 0 ? ExitCode.Input : ExitCode.Impossible,
            $"{codecs[0].File}: {(problems.Count > 0 ? "is left with" : "holds")} one codec, '{codecs[0].Name}': there is nothing to compare it with");
    }

    private static Codec Anchor(List<Codec> codecs, string? name) => name is null
        ? codecs[0]
        : codecs.FirstOrDefault(codec => codec.Name == name) ?? throw new CliException(
            ExitCode.Impossible, $"--anchor {name}: there is no such codec; there are {string.Join(", ", codecs.Select(each => each.Name))}");

    private static List<Row> Compare(
        List<Codec> codecs, Codec anchor, string[] metrics, CurveInterpolation method, Func<string, bool> lowerIsBetter)
    {
        var rows = new List<Row>();
        foreach (Codec test in codecs.Where(codec => codec != anchor))
        {
            string[] chosen = metrics.Length > 0
                ? metrics
                : [.. anchor.Curves.Keys.Where(each => test.Curves.ContainsKey(each) && RateDistortionFile.IsQuality(each))];
            foreach (string metric in chosen)
            {
                foreach (Codec codec in (Codec[])[anchor, test])
                    if (!codec.Curves.ContainsKey(metric))
                        throw new CliException(
                            ExitCode.Impossible,
                            $"{codec.File}: {codec.Name} has no '{metric}' for each of its rates; it has {string.Join(", ", codec.Curves.Keys)}");
                bool lower = lowerIsBetter(metric);
                BjontegaardDelta delta = BjontegaardDelta.Compute(anchor.Curves[metric], test.Curves[metric], lower, method);
                rows.Add(new Row(test, metric, lower, delta));
            }
        }
        return rows.Count > 0 ? rows : throw new CliException(
            ExitCode.Impossible, $"{anchor.File}: no codec has a metric in common with the anchor {anchor.Name}");
    }

    private static JsonObject ToJson(Row row, Codec anchor)
    {
        (BjontegaardValue rate, BjontegaardValue metric) = (row.Delta.Rate, row.Delta.Metric);
        return new()
        {
            ["input"] = row.Test.File,
            ["ok"] = true,
            ["test"] = row.Test.Name,
            ["anchor"] = anchor.Name,
            ["metric"] = row.Metric,
            ["lower_is_better"] = row.LowerIsBetter,
            ["interpolation"] = Choices.Word(row.Delta.Interpolation),
            ["bd_rate"] = rate.Value,
            ["bd_rate_overlap"] = rate.Overlap,
            ["bd_rate_problem"] = rate.Problem,
            ["bd_rate_warning"] = rate.Warning,
            ["bd_metric"] = metric.Value,
            ["bd_metric_overlap"] = metric.Overlap,
            ["bd_metric_problem"] = metric.Problem,
            ["bd_metric_warning"] = metric.Warning,
        };
    }

    private static string ToCsv(List<Row> rows, Codec anchor)
    {
        var text = new StringBuilder(string.Join(',', s_columns)).Append('\n');
        foreach (Row row in rows)
        {
            (BjontegaardValue rate, BjontegaardValue metric) = (row.Delta.Rate, row.Delta.Metric);
            string[] cells =
            [
                row.Test.Name, anchor.Name, row.Metric, Choices.Word(row.Delta.Interpolation), Exact(rate.Value), Exact(rate.Overlap),
                Note(rate), Exact(metric.Value), Exact(metric.Overlap), Note(metric),
            ];
            text.AppendJoin(',', cells.Select(cell => cell.AsSpan().IndexOfAny(",\"\r\n") < 0
                ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append('\n');
        }
        return text.ToString();

        static string Exact(double? value) => value?.ToString("r", CultureInfo.InvariantCulture) ?? "";
    }

    private static string ToText(List<Row> rows, Codec anchor)
    {
        List<string[]> lines = [["codec", "metric", "BD-rate %", "overlap", "BD-metric", "overlap"]];
        foreach (Row row in rows)
        {
            (BjontegaardValue rate, BjontegaardValue metric) = (row.Delta.Rate, row.Delta.Metric);
            lines.Add(
            [
                row.Test.Name, row.Metric, rate.Value is { } r ? Display.Text($"{r:+0.00;-0.00;0.00}") : "none", Display.Percent(rate.Overlap),
                metric.Value is { } m ? Display.Text($"{m:+0.0000;-0.0000;0.0000}") : "none", Display.Percent(metric.Overlap),
            ]);
        }
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(i => lines.Max(line => line[i].Length))];
        var text = new StringBuilder(
            $"Against {anchor.Name}, {Choices.Word(rows[0].Delta.Interpolation)}; a negative BD-rate saves rate.\n");
        foreach (string[] line in lines)
        {
            text.Append(line[0].PadRight(widths[0])).Append("  ").Append(line[1].PadRight(widths[1]));
            for (int i = 2; i < line.Length; i++) text.Append("  ").Append(line[i].PadLeft(widths[i]));
            text.Append('\n');
        }
        foreach (Row row in rows)
        {
            if (row.LowerIsBetter) text.Append($"{row.Test.Name}, {row.Metric}: lower is better, so a negative BD-metric is, too\n");
            if (Note(row.Delta.Rate) is { Length: > 0 } rate) text.Append($"{row.Test.Name}, {row.Metric}, BD-rate: {rate}\n");
            if (Note(row.Delta.Metric) is { Length: > 0 } metric) text.Append($"{row.Test.Name}, {row.Metric}, BD-metric: {metric}\n");
        }
        return text.ToString();
    }

    private static string Note(BjontegaardValue value) => value.Problem ?? value.Warning ?? "";

    private sealed record Codec(string File, string Name, IReadOnlyDictionary<string, RateDistortionCurve> Curves);

    private sealed record Row(Codec Test, string Metric, bool LowerIsBetter, BjontegaardDelta Delta);
}
