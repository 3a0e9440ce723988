using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Zoo;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm compare</c>: how far pictures are from their originals.</summary>
public static class CompareCommand
{
    /// <summary>Names the file of SqueezeNet's weights, which LPIPS needs.</summary>
    public const string WeightsVariable = Quality.Lpips.WeightsVariable;

    private const string Lpips = Quality.Lpips.StoreName;
    private static readonly string[] s_defaults = ["psnr", "psnr-y", "ssim", "ms-ssim"];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var reference = new Argument<string>("REFERENCE")
        {
            Description = "The original: a picture or a .llic file; or a folder of them, matched by name.",
        };
        var weights = new Option<string?>("--lpips-weights")
        {
            HelpName = "FILE",
            Description = $"SqueezeNet 1.1's weights (.safetensors or .pth), for LPIPS. Default: ${WeightsVariable}, else lpips-squeeze of `llicm models`.",
        };
        var choice = new MetricChoice("psnr, psnr-y, ssim, ms-ssim, and lpips-squeeze where its weights are there", blind: false);
        var drawings = new ComparisonDrawings();
        var command = new Command("compare", "Measure pictures against originals: PSNR, SSIM, MS-SSIM, LPIPS and others.") { reference };
        choice.AddTo(command);
        command.Add(weights);
        drawings.AddTo(command);
        common.AddTo(command, output: false);
        command.Add(common.NoOverwrite);
        command.SetAction(parsed => (int)Run(parsed, common, choice, drawings, parsed.GetRequiredValue(reference), parsed.GetValue(weights)));
        return command;
    }

    private static ExitCode Run(
        ParseResult parsed, CommonOptions common, MetricChoice choice, ComparisonDrawings drawings, string reference, string? weights)
    {
        bool folder = Directory.Exists(reference);
        Dictionary<InputFile, InputFile>? originals = null;
        InputList inputs;
        MatchedFolders? matched = null;
        if (folder)
        {
            matched = Match(reference, parsed.GetRequiredValue(common.Inputs));
            originals = matched.Pairs.DistinctBy(pair => pair.Distorted)
                .ToDictionary(pair => new InputFile(pair.Distorted), pair => new InputFile(pair.Reference));
            inputs = new InputList([.. originals.Keys], true);
        }
        else
        {
            inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures | InputKind.Llic);
        }
        var original = new InputFile(reference);
        if (original.IsStdin && inputs.Files.Any(input => input.IsStdin))
            throw CliException.Usage("standard input can be read only once");
        drawings.Plan(parsed, inputs, folder ? null : original);

        Report report = Reports.For(parsed, common);
        using var job = new Job(parsed, common, report);
        job.RequireFree(drawings.Paths);
        (IReadOnlyList<string> names, Dictionary<string, string> files) = Metrics(choice.Named(parsed), weights);
        Picture? only = folder ? null : Read(job, original);
        using MetricSet set = choice.Open(parsed, job, names, files);
        var measured = new Measurements(report, parsed.GetValue(choice.Csv), set.Metrics.Select(metric => metric.Info));
        bool lpipsMissing = choice.Named(parsed).Count == 0 && !names.Contains(Lpips);
        foreach (string path in matched?.Unmatched ?? [])
            report.Failed(path, new Failure(ExitCode.Input, $"{path}: has no original of its name in {reference}"));
        ExitCode code = job.ForEachBatch(
            inputs.Files, set.BatchSize, "comparing",
            input => Pair(job, input, only ?? Read(job, originals![input])),
            (pairs, progress) => set.Measure(pairs, progress, job.Cancellation),
            (input, pair, values) =>
            {
                Picture first = pair.Reference!;
                double? brightest = drawings.Draw(job, input, first, pair.Distorted);
                var before = new JsonObject
                {
                    ["reference"] = originals?[input].Path ?? original.Path,
                    ["images"] = pair.Distorted.ImagesInFile,
                    ["identical"] = first.Rgb.AsSpan().SequenceEqual(pair.Distorted.Rgb),
                };
                var after = new JsonObject();
                if (lpipsMissing) after["lpips"] = null;
                if (brightest is not null) after["heatmap_max"] = Json.Number(brightest, 3);
                measured.Add(input.Path, values, before, after);
            });
        drawings.Finish(job);
        measured.Finish();
        if (lpipsMissing && measured.Count > 0 && report.IsText && !parsed.GetValue(choice.Csv))
            report.Text.WriteLine($"LPIPS needs SqueezeNet's weights: --lpips-weights, {WeightsVariable} or `llicm models`");
        if (matched is { Unused.Count: > 0 } && report.IsText)
            Console.Error.WriteLine(Display.Text(
                $"llicm: {matched.Unused.Count} of {reference} have no counterpart: {string.Join(", ", matched.Unused.Take(3))}{(matched.Unused.Count > 3 ? ", …" : "")}"));
        bool some = matched is { Unmatched.Count: > 0 } && code != ExitCode.Interrupted && code != ExitCode.Input;
        return some ? ExitCode.SomeFailed : code;
    }

    /// <summary>A picture, decoded where the input is a .llic file.</summary>
    internal static Picture Read(Job job, InputFile input)
    {
        byte[] data = input.Read();
        return Llic.IsLlic(data)
            ? new PictureCodec(job.Model).Decompress(Llic.Read(input, data), null, job.Cancellation)
            : job.Load(input, data);
    }

    /// <summary>LPIPS from a named file, the environment's or the store's; null where there is none.</summary>
    internal static Lpips? LoadLpips(string? named)
    {
        if (Quality.Lpips.FindWeights(named) is not { } path) return null;
        if (!File.Exists(path)) throw new CliException(ExitCode.Model, $"{path}: no such file (LPIPS weights)");
        try
        {
            return Quality.Lpips.Load(LpipsNetwork.Squeeze, path);
        }
        catch (Exception error) when (error is QualityException or Tensors.Serialization.WeightFormatException)
        {
            throw new CliException(ExitCode.Model, error.Message.ReplaceLineEndings(" "), error);
        }
    }

    private static (IReadOnlyList<string> Names, Dictionary<string, string> Files) Metrics(
        IReadOnlyList<string> named, string? weights)
    {
        string? path = weights ?? Environment.GetEnvironmentVariable(WeightsVariable);
        Dictionary<string, string> files = string.IsNullOrEmpty(path) ? [] : new() { [Lpips] = path };
        if (named.Count > 0) return (named, files);
        bool lpips = files.Count > 0 || new ModelStore().Find(Lpips) is not null;
        return (lpips ? [.. s_defaults, Lpips] : s_defaults, files);
    }

    private static PicturePair Pair(Job job, InputFile input, Picture reference)
    {
        Picture distorted = Read(job, input);
        return distorted.Width == reference.Width && distorted.Height == reference.Height
            ? new PicturePair(distorted, reference)
            : throw new QualityException(
                $"the sizes differ: {reference.Width}x{reference.Height} and {distorted.Width}x{distorted.Height}");
    }

    private static MatchedFolders Match(string reference, string[] inputs)
    {
        if (inputs.Contains(InputFile.Stdio))
            throw CliException.Usage("standard input has no name to find its original by: name the original itself");
        // Patterns are for files; a folder stands for all below it.
        string[] expanded = [.. inputs.SelectMany(each => Directory.Exists(each)
            ? [each] : InputList.Expand([each], InputKind.Pictures | InputKind.Llic).Files.Select(file => file.Path))];
        try
        {
            return FolderMatching.Match(reference, expanded, path =>
                InputList.IsOfKind(path, InputKind.Pictures | InputKind.Llic)
                && Path.GetExtension(Path.GetFileNameWithoutExtension(path)) is not (".compare" or ".heatmap") && PictureFile.IsRegular(path));
        }
        catch (QualityException error)
        {
            throw new CliException(ExitCode.Input, error.Message, error);
        }
    }
}
