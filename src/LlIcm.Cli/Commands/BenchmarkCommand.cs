using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Benchmark;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Training.Degradations;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm benchmark</c>: rate–distortion curves beside other codecs, and restoration of pairs.</summary>
public static class BenchmarkCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("benchmark", "Measure the codec beside others, and restoration on pairs of pictures.");
        command.Add(CodecCommand());
        command.Add(RestoreCommand());
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
        Option<double[]> qualities = new("--quality", "-q")
        {
            HelpName = "Q",
            Description = "A quality to measure; repeatable. Default: 1 to 8.",
            DefaultValueFactory = _ => [1, 2, 3, 4, 5, 6, 7, 8],
        };
        Option<double> low = new("--from") { HelpName = "BPP", Description = "Lowest rate of the comparison.", DefaultValueFactory = _ => 0.2 };
        Option<double> high = new("--to") { HelpName = "BPP", Description = "Highest rate of the comparison.", DefaultValueFactory = _ => 1.0 };
        var command = new Command("codec", "Rate–distortion points over pictures, and BD-rates against anchors.") { anchors, qualities, low, high };
        common.AddTo(command, output: false);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            using var job = new Job(parsed, common, report);
            InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures);
            Picture[] pictures = [.. inputs.Files.Select(input => Job.ReadPicture(input))];
            List<ICodecUnderTest> codecs = [new LlIcmUnderTest(job.Model) { Settings = parsed.GetRequiredValue(qualities) }];
            codecs.AddRange(parsed.GetRequiredValue(anchors).Select(Anchor));
            var curves = new List<(string Name, IReadOnlyList<RatePoint> Points)>();
            ProgressDisplay.Run(report, stages =>
            {
                foreach (ICodecUnderTest codec in codecs)
                    curves.Add((codec.Name, job.Stage(
                        stages, codec.Name, "measuring", progress => CodecSweep.Run(codec, pictures, progress, job.Cancellation), out _)));
            });
            (double from, double to) = (parsed.GetValue(low), parsed.GetValue(high));
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

    private static Command RestoreCommand()
    {
        var common = new CommonOptions();
        var restoration = new RestorationChoice();
        Option<double> quality = new("--quality", "-q") { HelpName = "Q", Description = "The codec's quality.", DefaultValueFactory = _ => 4 };
        Option<int?> limit = new("--limit") { HelpName = "N", Description = "At most this many pairs of each folder." };
        Option<double?> noise = new("--noise")
        {
            HelpName = "SIGMA",
            Description = "INPUTs are folders of clean pictures: restore them from Gaussian noise of this deviation, of 255.",
        };
        noise.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is <= 0 or > 255) result.AddError("--noise takes a deviation above 0, up to 255");
        });
        var command = new Command(
            "restore",
            "Code and restore folders of pairs: each INPUT holds input/ and target/ (and mask/) with equal names; a folder named"
            + " after a task counts recognitions.")
        { quality, limit, noise };
        restoration.AddTo(command, common);
        common.AddTo(command, output: false);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            using var job = new Job(parsed, common, report);
            using Lpips? lpips = CompareCommand.LoadLpips(null);
            var sweep = new RestorationSweep(job.Model, lpips);
            RestoreOptions options = restoration.Options(parsed);
            foreach (string folder in parsed.GetRequiredValue(common.Inputs))
            {
                double? sigma = parsed.GetValue(noise);
                IReadOnlyList<(Picture, Picture?, Picture)> pairs = sigma is { } deviation
                    ? Noisy(folder, deviation, parsed.GetValue(limit)) : Pairs(folder, parsed.GetValue(limit));
                string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
                RestorationTask? task = sigma is not null ? RestorationTask.Denoise
                    : Enum.TryParse(name, true, out RestorationTask parsedTask) ? parsedTask : null;
                RestorationPoint point = sweep.Run(
                    name, pairs, task, parsed.GetValue(quality), options, null, job.Cancellation);
                report.Success(ToJson(point), text => text.WriteLine(Display.Text(
                    $"{point.Task,-10} {point.Pictures,3} pairs  {point.BitsPerPixel:0.000} bpp  PSNR {point.DecodedPsnr:0.00} → {point.RestoredPsnr:0.00} dB  SSIM {point.DecodedSsim:0.0000} → {point.RestoredSsim:0.0000}")
                    + (lpips is null ? "" : Display.Text($"  LPIPS {point.DecodedLpips:0.0000} → {point.RestoredLpips:0.0000}"))
                    + (point.Recognised is { } count ? Display.Text($"  recognised {count}") : "")));
            }
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static List<(Picture, Picture?, Picture)> Pairs(string folder, int? limit)
    {
        string inputs = Path.Combine(folder, "input"), targets = Path.Combine(folder, "target"), masks = Path.Combine(folder, "mask");
        if (!Directory.Exists(inputs) || !Directory.Exists(targets))
            throw new CliException(ExitCode.Input, $"{folder}: holds no input/ and target/");
        var pairs = new List<(Picture, Picture?, Picture)>();
        foreach (string input in Directory.GetFiles(inputs).Order(StringComparer.Ordinal).Take(limit ?? int.MaxValue))
        {
            string name = Path.GetFileName(input), target = Path.Combine(targets, name), mask = Path.Combine(masks, name);
            if (!File.Exists(target)) throw new CliException(ExitCode.Input, $"{target}: the pair of {input} is missing");
            pairs.Add((PictureFile.Load(input), File.Exists(mask) ? PictureFile.Load(mask) : null, PictureFile.Load(target)));
        }
        return pairs.Count > 0 ? pairs : throw new CliException(ExitCode.Input, $"{inputs}: is empty");
    }

    // Noise as denoising papers add it: independent for every value, clipped to 8 bits; the same in every run.
    private static List<(Picture, Picture?, Picture)> Noisy(string folder, double sigma, int? limit)
    {
        if (!Directory.Exists(folder)) throw new CliException(ExitCode.Input, $"{folder}: no such folder");
        string[] files = [.. InputList.Expand([folder], InputKind.Pictures).Files.Select(file => file.Path).Take(limit ?? int.MaxValue)];
        if (files.Length == 0) throw new CliException(ExitCode.Input, $"{folder}: holds no pictures");
        return [.. files.Select((file, i) =>
        {
            Picture clean = PictureFile.Load(file);
            var random = new Xoshiro256((ulong)i);
            float[] noise = new float[clean.Rgb.Length];
            random.FillNormal(noise);
            byte[] rgb = [.. clean.Rgb.Select((value, at) => (byte)Math.Clamp(Math.Round(value + sigma * noise[at]), 0, 255))];
            return (new Picture(clean.Width, clean.Height, rgb), (Picture?)null, clean);
        })];
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

    private static JsonObject ToJson(RestorationPoint point) => new()
    {
        ["set"] = point.Task,
        ["ok"] = true,
        ["pictures"] = point.Pictures,
        ["bpp"] = Json.Number(point.BitsPerPixel, 6),
        ["psnr_decoded"] = Json.Number(point.DecodedPsnr, 4),
        ["psnr_restored"] = Json.Number(point.RestoredPsnr, 4),
        ["ssim_decoded"] = Json.Number(point.DecodedSsim, 6),
        ["ssim_restored"] = Json.Number(point.RestoredSsim, 6),
        ["lpips_decoded"] = Json.Number(point.DecodedLpips, 6),
        ["lpips_restored"] = Json.Number(point.RestoredLpips, 6),
        ["recognised"] = point.Recognised,
    };
}
