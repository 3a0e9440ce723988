using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlIcm.Benchmark;
using LlIcm.Benchmark.Reports;
using LlIcm.Benchmark.Sweeps;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm benchmark run</c> and <c>merge</c>: codecs × restorers × tasks × metrics, computed once, and a report of them.</summary>
public static partial class SweepCommand
{
    private const string TimeName = "time";

    /// <summary>Builds <c>run</c>.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        Option<string> config = new("--config") { HelpName = "FILE", Description = "What to measure, in YAML: see docs/benchmark.md and configs/benchmark.", Required = true };
        Option<string> output = Folder("Where results go; what is there already is not computed again.");
        Option<string?> shard = new("--shard") { HelpName = "I/N", Description = "Only the I-th of N shares (from 1), without a report; `benchmark merge` makes it." };
        shard.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Share(result.Tokens[0].Value) is null) result.AddError($"--shard {result.Tokens[0].Value}: takes I/N with 1 ≤ I ≤ N, such as 2/8");
        });
        Option<bool> dry = new("--dry-run") { Description = "Print every cell that is not computed yet, with its command, and compute nothing." };
        var command = new Command("run", "Sweep codecs × rates × restorers × tasks × metrics, and write a report.") { config, output, shard, dry };
        AddCommon(command, common);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            using var job = new Job(parsed, common, report);
            job.PrepareDevice();
            (string file, string folder) = (parsed.GetRequiredValue(config), parsed.GetRequiredValue(output));
            using BenchmarkSetup setup = BenchmarkSetup.Open(file, $"llicm {VersionReport.Own}");
            BenchmarkPlan plan = setup.Plan;
            var store = new CellStore(folder);
            foreach (Gap gap in plan.Gaps) report.Note($"left out: {BenchmarkTables.Describe(gap)}");
            if (parsed.GetValue(dry))
            {
                foreach (Cell cell in plan.Cells.Where(cell => store.Read(cell) is not { Problem: null }))
                {
                    report.Success(
                        new JsonObject { ["ok"] = true, ["cell"] = cell.Key, ["kind"] = cell.Kind.ToString().ToLowerInvariant(), ["command"] = cell.Command },
                        text => text.WriteLine($"{cell.Key}  {cell.Kind.ToString().ToLowerInvariant(),-7}  {cell.Command}"));
                }
                return (int)ExitCode.Success;
            }
            (int Index, int Count)? share = parsed.GetValue(shard) is { } text ? Share(text) : null;
            Written(folder, () => plan.Write(folder));
            var runner = new BenchmarkRunner(setup, store) { Clock = (codec, setting, picture, token) => Clock(file, codec, setting, picture, token) };
            ProgressDisplay.Run(report, stages => job.Stage(stages, plan.Title, "measuring", progress =>
            {
                runner.Run(share?.Index ?? 1, share?.Count ?? 1, progress, job.Cancellation);
                return 0;
            }, out _));
            report.Success(
                new JsonObject { ["ok"] = runner.Failed == 0, ["computed"] = runner.Computed, ["failed"] = runner.Failed },
                text => text.WriteLine(Display.Text($"{runner.Computed} cells computed, {runner.Failed} failed; the others were there already")));
            return share is null ? (int)Finish(report, plan, store) : (int)(runner.Failed + plan.Gaps.Count > 0 ? ExitCode.SomeFailed : ExitCode.Success);
        });
        return command;
    }

    /// <summary>Builds <c>merge</c>.</summary>
    public static Command CreateMerge()
    {
        var common = new CommonOptions();
        Argument<string[]> folders = new("FOLDER") { Description = "Folders that `benchmark run` wrote, of the same configuration.", Arity = ArgumentArity.OneOrMore };
        Option<string> output = Folder("Where everything is put together, with the report; may be one of the folders.");
        var command = new Command("merge", "Put the shares of a sweep together, and write the report.") { folders, output };
        AddCommon(command, common, threads: false);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            string[] from = parsed.GetRequiredValue(folders);
            BenchmarkPlan plan = BenchmarkPlan.Read(from[0]);
            foreach (string other in from.Skip(1))
            {
                if (!BenchmarkPlan.Read(other).HasCellsOf(plan))
                    throw new CliException(ExitCode.Impossible, $"{other}: is of another sweep than {from[0]}: a configuration, picture, model or program differs");
            }
            string folder = parsed.GetRequiredValue(output);
            var store = new CellStore(folder);
            Written(folder, () =>
            {
                plan.Write(folder);
                foreach (CellStore other in from.Select(each => new CellStore(each)))
                {
                    store.TakeSources(other, plan.Sets.Count);
                    foreach (Cell cell in plan.Cells) store.Take(other, cell);
                }
            });
            return (int)Finish(report, plan, store);
        });
        return command;
    }

    /// <summary>Builds the command that <c>run</c> measures speed with, in a process of its own.</summary>
    public static Command CreateTime()
    {
        Option<string> config = new("--config") { Required = true }, codec = new("--codec") { Required = true }, picture = new("--picture") { Required = true };
        Option<double> setting = new("--setting") { Required = true };
        var command = new Command(TimeName, "One codec of a configuration on one picture, on one thread.") { config, codec, setting, picture };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            LlIcmRuntime.Threads = 1;
            string name = parsed.GetRequiredValue(codec);
            using BenchmarkSetup setup = BenchmarkSetup.OpenCodec(parsed.GetRequiredValue(config), name);
            CellResult result = CodecClock.Time(
                setup.Codecs[name], parsed.GetRequiredValue(setting), PictureFile.Load(parsed.GetRequiredValue(picture)), interruption.Token);
            Console.Out.WriteLine(new JsonObject
            {
                ["bytes"] = result.Bytes, ["encode_seconds"] = result.Seconds, ["decode_seconds"] = result.DecodeSeconds, ["peak_bytes"] = result.PeakBytes ?? PeakMemory.Bytes,
            }.ToJsonString());
            return (int)ExitCode.Success;
        });
        return command;
    }

    // In a process of its own: one thread throughout, and its memory is nobody else's.
    private static CellResult Clock(string config, string codec, double setting, string picture, CancellationToken cancellation)
    {
        string program = Environment.ProcessPath!, own = typeof(SweepCommand).Assembly.Location;
        string[] prefix = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [own] : [];
        ProgramRun run = ProgramRun.Run(program,
            [.. prefix, "benchmark", TimeName, "--config", Path.GetFullPath(config), "--codec", codec, "--setting", setting.ToString(CultureInfo.InvariantCulture), "--picture", picture],
            Environment.CurrentDirectory, TimeSpan.FromHours(6), cancellation);
        JsonNode told = JsonNode.Parse(run.Output.Trim().Split('\n')[^1])!;
        return new CellResult
        {
            Bytes = (long?)told["bytes"], Seconds = (double?)told["encode_seconds"], DecodeSeconds = (double?)told["decode_seconds"], PeakBytes = (long?)told["peak_bytes"],
        };
    }

    private static ExitCode Finish(Report report, BenchmarkPlan plan, CellStore store)
    {
        var results = new BenchmarkResults(plan, store);
        BenchmarkReport.Write(results, store.Folder);
        string page = Path.Combine(store.Folder, BenchmarkReport.PageName);
        report.Success(
            new JsonObject { ["ok"] = true, ["report"] = page, ["points"] = results.Rows.Count, ["missing"] = results.Gaps.Count },
            text => text.WriteLine(Display.Text($"{page}: {plan.Sets.Count} sets, {plan.Lines.Count} lines, {results.Rows.Count} points, {results.Gaps.Count} missing")));
        if (results.Gaps.Count == 0) return ExitCode.Success;
        foreach (Gap gap in results.Gaps.Except(plan.Gaps)) report.Note($"missing: {BenchmarkTables.Describe(gap)}");
        return ExitCode.SomeFailed;
    }

    private static void Written(string folder, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(folder, error);
        }
    }

    private static Option<string> Folder(string description) => new("--output", "-o") { HelpName = "FOLDER", Description = description, Required = true };

    private static void AddCommon(Command command, CommonOptions common, bool threads = true)
    {
        if (threads) command.Add(common.Threads);
        if (threads) Choices.Require(common.Threads, number => number is >= 1 and <= 1024, "--threads takes 1 to 1024");
        command.Add(common.Json);
        command.Add(common.Quiet);
    }

    private static (int Index, int Count)? Share(string text)
    {
        Match match = Fraction().Match(text);
        if (!match.Success || !int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int index)
            || !int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int count)) return null;
        return index >= 1 && index <= count ? (index, count) : null;
    }

    [GeneratedRegex("^([0-9]+)/([0-9]+)$")]
    private static partial Regex Fraction();
}
