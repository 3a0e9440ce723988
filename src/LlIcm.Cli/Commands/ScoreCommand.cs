using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Quality;
using LlIcm.Zoo;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm score</c>: how good pictures look, without an original.</summary>
public static class ScoreCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var choice = new MetricChoice("liqe and q-align, as far as their weights are there", blind: true);
        var command = new Command(
            "score",
            "Rate pictures without an original: LIQE (with scene and distortion), Q-Align (quality, aesthetics); 1 to 5.");
        choice.AddTo(command);
        common.AddTo(command, output: false);
        command.SetAction(parsed => (int)Run(parsed, common, choice));
        return command;
    }

    private static ExitCode Run(ParseResult parsed, CommonOptions common, MetricChoice choice)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures | InputKind.Llic);
        Report report = Reports.For(parsed, common);
        using var job = new Job(parsed, common, report);
        IReadOnlyList<string> names = choice.Named(parsed);
        if (names.Count == 0)
        {
            var store = new ModelStore();
            names = [.. new[] { "liqe", "q-align" }.Where(name => store.Find(QualityMetric.Find(name).Model!) is not null)];
            // None at all: the message says which file to put where.
            if (names.Count == 0) names = ["liqe"];
        }
        using MetricSet set = choice.Open(parsed, job, names);
        var measured = new Measurements(report, parsed.GetValue(choice.Csv), set.Metrics.Select(metric => metric.Info));
        ExitCode code = job.ForEachBatch(
            inputs.Files, set.BatchSize, "scoring",
            input => CompareCommand.Read(job, input),
            (pictures, progress) => set.Measure([.. pictures.Select(each => new PicturePair(each))], progress, job.Cancellation),
            (input, picture, values) => measured.Add(
                input.Path, values,
                new JsonObject { ["width"] = picture.Width, ["height"] = picture.Height, ["images"] = picture.ImagesInFile },
                new JsonObject { ["peak_memory_bytes"] = PeakMemory.Bytes }));
        measured.Finish();
        return code;
    }
}
