using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Benchmark;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm benchmark</c>: rate–distortion curves beside other codecs, and restoration of pairs.</summary>
public static class BenchmarkCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("benchmark", "Measure codecs and restorers: a whole sweep with a report, or quickly a codec or a restorer.");
        command.Add(SweepCommand.Create());
        command.Add(SweepCommand.CreateMerge());
        command.Add(SweepCommand.CreateTime());
        command.Add(CodecCommand());
        command.Add(RestorationBenchmarkCommand.Create());
        return command;
    }

    private static Command CodecCommand()
    {
        var common = new CommonOptions();
        Option<string[]> anchors = new("--anchor")
        {
            HelpName = "NAME",
            Description = "A codec to compare with: jpeg, webp, avif; repeatable.",
            DefaultValueFactory = _ => ["jpeg"],
        };
        Option<double[]> qualities = Choices.Qualities("A quality to measure; repeatable. Default: 1 to 8.", 1, 2, 3, 4, 5, 6, 7, 8);
        Option<double?> low = new("--from") { HelpName = "BPP", Description = "Lowest rate of the comparison.", DefaultValueFactory = _ => 0.2 };
        Option<double?> high = new("--to") { HelpName = "BPP", Description = "Highest rate of the comparison.", DefaultValueFactory = _ => 1.0 };
        var command = new Command("codec", "Rate–distortion points over pictures, and BD-rates against anchors.") { anchors, qualities, low, high };
        Choices.Require(low, rate => rate is > 0 and <= 100, "--from takes a rate above 0, at most 100");
        Choices.Require(high, rate => rate is > 0 and <= 100, "--to takes a rate above 0, at most 100");
        common.AddTo(command, output: false);
        command.SetAction(parsed =>
        {
            (double from, double to) = (parsed.GetValue(low)!.Value, parsed.GetValue(high)!.Value);
            if (from >= to) throw CliException.Usage(Display.Text($"--from must be below --to: {from} and {to}"));
            Report report = Reports.For(parsed, common);
            using var job = new Job(parsed, common, report);
            InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures);
            Picture[] pictures = [.. inputs.Files.Select(input => PictureFile.Load(input.Read(), input.Path))];
            List<ICodecUnderTest> codecs = [new LlIcmUnderTest(job.Model) { Settings = parsed.GetRequiredValue(qualities) }];
            codecs.AddRange(parsed.GetRequiredValue(anchors).Select(Anchor));
            var curves = new List<(string Name, IReadOnlyList<RatePoint> Points)>();
            ProgressDisplay.Run(report, stages =>
            {
                foreach (ICodecUnderTest codec in codecs)
                    curves.Add((codec.Name, job.Stage(
                        stages, codec.Name, "measuring", progress => CodecSweep.Run(codec, pictures, progress, job.Cancellation), out _)));
            });
            foreach ((string name, IReadOnlyList<RatePoint> points) in curves)
            {
                BjontegaardValue? rate = ReferenceEquals(points, curves[0].Points)
                    ? null : CodecSweep.RateDifference(points, curves[0].Points, from, to);
                report.Success(ToJson(name, pictures.Length, points, rate), text =>
                {
                    text.WriteLine(Display.Text($"{name}, {pictures.Length} pictures"));
                    foreach (RatePoint point in points)
                        text.WriteLine(Display.Text(
                            $"  {point.Setting,5:0.##}  {point.BitsPerPixel:0.0000} bpp  {point.Psnr:0.00} dB  MS-SSIM {point.MsSsim:0.0000}"));
                    if (rate is not null) text.WriteLine(Display.Text($"  {curves[0].Name} against it, {from:0.##}–{to:0.##} bpp: {Describe(rate)}"));
                });
            }
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static LibvipsUnderTest Anchor(string name)
    {
        try
        {
            return LibvipsUnderTest.Of(name);
        }
        catch (ArgumentException error)
        {
            throw CliException.Usage($"--anchor {name}: {error.Message}");
        }
    }

    private static string Describe(BjontegaardValue rate) => rate.Value is { } value
        ? Display.Text($"BD-rate {value:+0.0;-0.0} % (PSNR)") : $"no BD-rate: {rate.Problem}";

    private static JsonObject ToJson(string name, int pictures, IReadOnlyList<RatePoint> points, BjontegaardValue? rate) => new()
    {
        ["codec"] = name,
        ["ok"] = true,
        ["pictures"] = pictures,
        ["points"] = new JsonArray([.. points.Select(point => new JsonObject
        {
            ["setting"] = Json.Number(point.Setting, 4),
            ["bpp"] = Json.Number(point.BitsPerPixel, 6),
            ["psnr"] = Json.Number(point.Psnr, 4),
            ["ms_ssim"] = Json.Number(point.MsSsim, 6),
        })]),
        ["bd_rate_of_ours_percent"] = rate?.Value is { } value ? Json.Number(value, 3) : null,
    };
}
