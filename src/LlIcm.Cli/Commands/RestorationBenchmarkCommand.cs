using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LlIcm.Benchmark;
using LlIcm.Benchmark.Restorers;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary>
/// <c>llicm benchmark restore</c>: pairs coded and restored at one or several rates, by one model or by several with Bjøntegaard
/// deltas between them.
/// </summary>
public static class RestorationBenchmarkCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var restoration = new RestorationChoice();
        Option<double[]> qualities = Choices.Qualities("The codec's quality; repeatable.", 4);
        Option<double[]> rates = new("--bpp")
        {
            HelpName = "BITS",
            Description = "Instead of -q: each picture at the best quality of at most so many bits per pixel, or at the lowest; repeatable.",
        };
        rates.Validators.Add(result =>
        {
            // What is no number is told by the parser itself.
            if (result.Tokens.Any(token => double.TryParse(token.Value, CultureInfo.InvariantCulture, out double rate) && rate is not (> 0 and <= 64)))
                result.AddError("--bpp takes more than 0, up to 64");
        });
        Option<string[]> against = new("--against")
        {
            HelpName = "NAME|FOLDER",
            Description = "A model to compare with, at the same qualities; repeatable. Two qualities or more give Bjøntegaard deltas.",
        };
        Option<bool> ownTask = new("--folder-task")
        {
            Description = "Tell the restorer the task that a folder is named after, or that --degrade names, instead of --task.",
        };
        Option<int?> limit = new("--limit") { HelpName = "N", Description = "At most this many pairs of each folder." };
        Choices.Require(limit, most => most >= 1, "--limit takes 1 or more");
        Option<string?> save = new("--save")
        {
            HelpName = "FOLDER",
            Description = "Write every picture there, too: SET/N.input.png, decoded, restored and target, of the last rate, model and restorer.",
        };
        Option<double?> noise = new("--noise")
        {
            HelpName = "SIGMA",
            Description = "INPUTs are folders of clean pictures: restore them from Gaussian noise of this deviation, of 255.",
        };
        Choices.Require(noise, sigma => sigma is > 0 and <= 255, "--noise takes a deviation above 0, up to 255");
        Option<Degradation[]> degrade = Choices.Options<Degradation>(
            "--degrade", "TASK",
            "INPUTs are folders of clean pictures: restore them from the synthetic degradation, as in training, that a task undoes; repeatable.");
        const string Own = "model";
        Option<string[]> restorers = new("--restorer")
        {
            HelpName = "NAME",
            Description = $"What restores, beside or instead of the model's own: {Own}, {string.Join(", ", ClassicalRestorers.Names)}; repeatable. Default: {Own}.",
            DefaultValueFactory = _ => [Own],
        };
        Choices.RequireKnown(restorers, [Own, .. ClassicalRestorers.Names]);
        const string Ours = "llic", None = "none";
        Option<string> codec = new("--codec")
        {
            HelpName = "NAME",
            Description = $"What codes: {Ours}, jpeg, webp, avif (with --bpp), or {None}. Default: {Ours}.",
            DefaultValueFactory = _ => Ours,
        };
        Choices.RequireKnown(codec, [Ours, "jpeg", "webp", "avif", None]);
        var command = new Command(
            "restore",
            "Code and restore folders of pairs: each INPUT holds input/ and target/ (and mask/) with equal names; a folder named"
            + " after a task counts recognitions.")
        { qualities, rates, codec, restorers, against, ownTask, limit, noise, degrade, save };
        command.Validators.Add(result =>
        {
            if (result.GetResult(noise) is not null && result.GetResult(degrade) is not null)
                result.AddError("only one of --noise and --degrade can be given");
            if (result.GetValue(codec) is "jpeg" or "webp" or "avif" && result.GetResult(rates) is null)
                result.AddError("--codec jpeg, webp and avif need --bpp");
        });
        restoration.AddTo(command, common);
        common.AddTo(command, output: false);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            using var job = new Job(parsed, common, report);
            using Lpips? lpips = CompareCommand.LoadLpips(null);
            RestoreOptions options = restoration.Options(parsed);
            CompressOptions[] wanted = parsed.GetValue(rates) is { Length: > 0 } bits
                ? [.. bits.Distinct().Order().Select(each => new CompressOptions { BitsPerPixel = each })]
                : [.. parsed.GetRequiredValue(qualities).Distinct().Order().Select(each => new CompressOptions { Quality = each })];
            string[] others = parsed.GetValue(against) ?? [];
            string own = parsed.GetValue(common.Model) ?? job.Model.Name;
            // All are loaded first: a wrong name should not wait for the end of a long measurement.
            LlIcmModel[] models = [job.Model, .. others.Select(name => LlIcmModel.Load(name))];
            try
            {
                List<List<Curve>> curves = [.. models.Zip([own, .. others], Measure)];
                if (curves[0].Count > 0)
                    foreach (List<Curve> anchor in curves.Skip(1)) Compare(report, curves[0], anchor);
                return (int)ExitCode.Success;
            }
            finally
            {
                foreach (LlIcmModel model in models.Skip(1)) model.Dispose();
            }

            List<Curve> Measure(LlIcmModel model, string name)
            {
                var found = new List<Curve>();
                IPairCodec coder = parsed.GetValue(codec) switch
                {
                    Ours => new LlIcmPairCodec(model),
                    None => new NoPairCodec(),
                    { } other => new FittedPairCodec(LibvipsUnderTest.Of(other)),
                    null => throw new InvalidOperationException("the option has a default"),
                };
                foreach (string restoring in parsed.GetRequiredValue(restorers).Distinct())
                {
                    string label = restoring == Own ? name : restoring;
                    foreach (RestorationPairs pairs in parsed.GetRequiredValue(common.Inputs).SelectMany(Sets))
                    {
                        RestoreOptions how = parsed.GetValue(ownTask) && pairs.Degradation is { } told ? options with { Degradation = told } : options;
                        IRestorerUnderTest restorer = restoring == Own ? new ModelRestorer(model, how) : ClassicalRestorers.Of(restoring);
                        if (pairs.Degradation is { } needed && !restorer.Serves(needed)) continue;
                        var sweep = new RestorationSweep(coder, restorer, lpips) { Made = Saver(pairs) };
                        var points = new List<RestorationPoint>();
                        foreach (CompressOptions compression in wanted)
                        {
                            RestorationPoint point = sweep.Run(pairs.Name, pairs.Pairs, pairs.Degradation, compression, null, job.Cancellation);
                            points.Add(point);
                            report.Success(ToJson(label, coder.Name, compression, point), text => text.WriteLine(ToText(
                                others.Length == 0 && restoring == Own ? "" : label + "  ", wanted.Length == 1 || compression.BitsPerPixel is not null
                                    ? "" : Display.Text($"q {compression.Quality:0.##}  "), point)));
                        }
                        if (restoring == Own) found.Add(new Curve(name, pairs.Name, points));
                    }
                }
                return found;
            }

            Action<int, Picture, Picture>? Saver(RestorationPairs pairs)
            {
                if (parsed.GetValue(save) is not { } folder) return null;
                return (i, decoded, restored) => job.Write([.. new[]
                {
                    ("input", pairs.Pairs[i].Degraded), ("decoded", decoded), ("restored", restored), ("target", pairs.Pairs[i].Clean),
                }.Select(each => (Path.Combine(folder, pairs.Name, Display.Text($"{i + 1}.{each.Item1}.png")), PictureFile.Encode(each.Item2, PictureFormat.Png)))]);
            }

            IEnumerable<RestorationPairs> Sets(string folder)
            {
                int? most = parsed.GetValue(limit);
                if (parsed.GetValue(noise) is { } deviation) return [RestorationPairs.WithNoise(folder, deviation, most)];
                return parsed.GetValue(degrade) is { Length: > 0 } tasks
                    ? tasks.Distinct().Select(task => RestorationPairs.Degraded(folder, task, most)) : [RestorationPairs.OfFolder(folder, most)];
            }
        });
        return command;
    }

    // Set by set; then the means over those sets that have a value.
    private static void Compare(Report report, List<Curve> tests, List<Curve> anchors)
    {
        if (tests[0].Points.Count < 2) return;
        var rows = new List<(string Set, RestorationDelta Delta)>();
        foreach ((Curve test, Curve anchor) in tests.Zip(anchors))
            rows.Add((test.Set, RestorationDelta.Between(anchor.Points, test.Points)));
        if (rows.Count > 1) rows.Add(("mean", RestorationDelta.Mean([.. rows.Select(row => row.Delta)])));
        if (report.IsText)
            report.Text.WriteLine(
                $"{tests[0].Model} against {anchors[0].Model}, restored pictures; negative rates are saved, negative LPIPS is better");
        foreach ((string set, RestorationDelta delta) in rows)
        {
            report.Success(
                new JsonObject
                {
                    ["set"] = set,
                    ["ok"] = true,
                    ["model"] = tests[0].Model,
                    ["against"] = anchors[0].Model,
                    ["bd_rate_psnr"] = Json.Number(delta.RateInPsnr.Value, 3),
                    ["bd_rate_psnr_problem"] = delta.RateInPsnr.Problem,
                    ["bd_rate_lpips"] = Json.Number(delta.RateInLpips?.Value, 3),
                    ["bd_rate_lpips_problem"] = delta.RateInLpips?.Problem,
                    ["bd_psnr"] = Json.Number(delta.Psnr.Value, 4),
                    ["bd_lpips"] = Json.Number(delta.Lpips?.Value, 6),
                },
                text => text.WriteLine(
                    Display.Text($"{set,-10} BD-rate PSNR {Percent(delta.RateInPsnr)}  LPIPS {Percent(delta.RateInLpips)}")
                    + Display.Text($"   BD-PSNR {delta.Psnr.Value,6:+0.00;-0.00;0.00} dB   BD-LPIPS {delta.Lpips?.Value,8:+0.0000;-0.0000;0.0000}")));
        }
    }

    private static string Percent(BjontegaardValue? rate) =>
        rate?.Value is { } value ? Display.Text($"{value,6:+0.0;-0.0;0.0} %") : "    none";

    private static string ToText(string model, string quality, RestorationPoint point) =>
        Display.Text($"{model}{point.Task,-10} {quality}{point.Pictures,3} pairs  {point.BitsPerPixel:0.000} bpp  ")
        + Display.Text($"PSNR {point.DecodedPsnr:0.00} → {point.RestoredPsnr:0.00} dB  SSIM {point.DecodedSsim:0.0000} → {point.RestoredSsim:0.0000}")
        + (point.DecodedLpips is null ? "" : Display.Text($"  LPIPS {point.DecodedLpips:0.0000} → {point.RestoredLpips:0.0000}"))
        + (point.Worse > 0 ? Display.Text($"  worse {point.Worse}") : "")
        + (point.Recognised is { } count ? Display.Text($"  recognised {count}") : "");

    private static JsonObject ToJson(string model, string codec, CompressOptions compression, RestorationPoint point) => new()
    {
        ["set"] = point.Task,
        ["ok"] = true,
        ["model"] = model,
        ["codec"] = codec,
        ["quality"] = compression.BitsPerPixel is null ? Json.Number(compression.Quality ?? CompressOptions.DefaultQuality, 4) : null,
        ["pictures"] = point.Pictures,
        ["bpp"] = Json.Number(point.BitsPerPixel, 6),
        ["psnr_decoded"] = Json.Number(point.DecodedPsnr, 4),
        ["psnr_restored"] = Json.Number(point.RestoredPsnr, 4),
        ["ssim_decoded"] = Json.Number(point.DecodedSsim, 6),
        ["ssim_restored"] = Json.Number(point.RestoredSsim, 6),
        ["lpips_decoded"] = Json.Number(point.DecodedLpips, 6),
        ["lpips_restored"] = Json.Number(point.RestoredLpips, 6),
        ["worse"] = point.Worse,
        ["recognised"] = point.Recognised,
    };

    private sealed record Curve(string Model, string Set, IReadOnlyList<RestorationPoint> Points);
}
