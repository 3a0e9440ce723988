using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Torch;
using LlIcm.Zoo;
using Spectre.Console;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm compare</c>: how far pictures are from an original.</summary>
public static class CompareCommand
{
    /// <summary>Names the file of SqueezeNet's weights, which LPIPS needs.</summary>
    public const string WeightsVariable = "LLICM_LPIPS_WEIGHTS";

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var reference = new Argument<string>("REFERENCE") { Description = "The original: a picture or a .llic file." };
        var weights = new Option<string?>("--lpips-weights")
        {
            HelpName = "FILE",
            Description = $"SqueezeNet 1.1's weights (.safetensors or .pth), for LPIPS. Default: ${WeightsVariable}, else lpips-squeeze of `llicm models`.",
        };
        var heatMap = new Option<string?>("--heatmap")
        {
            HelpName = "FILE",
            Description = "Write a picture of where they differ: dark is equal, bright differs most.",
        };
        var sideBySide = new Option<string?>("--side-by-side") { HelpName = "FILE", Description = "Write a picture of all, labelled." };
        var command = new Command("compare", "Measure pictures against an original: PSNR, SSIM, MS-SSIM, LPIPS.") { reference };
        command.Add(weights);
        command.Add(heatMap);
        command.Add(sideBySide);
        common.AddTo(command, output: false);
        command.Add(common.NoOverwrite);
        command.SetAction(parsed => (int)Run(
            parsed, common, reference, parsed.GetValue(weights), parsed.GetValue(heatMap), parsed.GetValue(sideBySide)));
        return command;
    }

    private static ExitCode Run(
        ParseResult parsed, CommonOptions common, Argument<string> reference, string? weights, string? heatMap,
        string? sideBySide)
    {
        const InputKind any = InputKind.Pictures | InputKind.Llic;
        var original = new InputFile(parsed.GetRequiredValue(reference));
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), any);
        if (original.IsStdin && inputs.Files.Any(input => input.IsStdin))
            throw CliException.Usage("standard input can be read only once");
        if (heatMap is not null && inputs.Files.Count > 1)
            throw CliException.Usage("--heatmap shows one picture against the reference, not several");
        string[] drawings = [.. new[] { heatMap, sideBySide }.OfType<string>()];
        foreach (string path in drawings) PictureOutput.RequireWritable(path);
        if (drawings.Contains(InputFile.Stdio)) throw CliException.Usage("pictures of a comparison go to files, not to -");
        OutputPlan.RequireDistinct(
            drawings.Select(path => (original, path)), new InputList([original, .. inputs.Files], true));

        Report report = Reports.For(parsed, common);
        using var job = new Job(parsed, common, report);
        job.RequireFree(drawings);
        Picture first = Read(job, original);
        using Lpips? lpips = LoadLpips(weights);
        var panels = new List<(string, Picture)> { (Path.GetFileName(original.Path), first) };
        var rows = new List<(string Name, Scores Scores)>();
        ExitCode code = job.ForEach(inputs.Files, (input, stages) =>
        {
            Picture second = Read(job, input);
            Scores scores = job.Stage(stages, input.Path, "comparing", _ => Scores.Of(first, second, lpips), out double _);
            double? brightest = null;
            if (heatMap is not null)
            {
                (Picture map, brightest) = DifferenceMap.Draw(first, second);
                job.Write((heatMap, PictureFile.Encode(map, PictureFile.FormatOf(heatMap))));
            }
            panels.Add((Path.GetFileName(input.Path), second));
            rows.Add((input.Path, scores));
            report.Success(scores.ToJson(original.Path, input.Path, brightest), _ => { });
        });
        if (sideBySide is not null && panels.Count > 1)
            job.Write((sideBySide, PictureFile.Encode(PictureDrawing.SideBySide(panels), PictureFile.FormatOf(sideBySide))));
        if (report.IsText && rows.Count > 0) Table(report.Text, rows, lpips is not null);
        return code;
    }

    private static Picture Read(Job job, InputFile input)
    {
        byte[] data = input.Read();
        return Llic.IsLlic(data)
            ? new PictureCodec(job.Model).Decompress(Llic.Read(input, data), null, job.Cancellation)
            : PictureFile.Load(data, input.Path);
    }

    /// <summary>LPIPS from a named file, the environment's or the store's; null where there is none.</summary>
    internal static Lpips? LoadLpips(string? named)
    {
        string? path = named ?? Environment.GetEnvironmentVariable(WeightsVariable);
        if (string.IsNullOrEmpty(path)) path = new ModelStore().Find("lpips-squeeze");
        if (path is null) return null;
        if (!File.Exists(path)) throw new CliException(ExitCode.Model, $"{path}: no such file (LPIPS weights)");
        TorchRuntime.EnsureLoaded();
        TorchRuntime.UseAllCores();
        try
        {
            return Lpips.Load(LpipsNetwork.Squeeze, path);
        }
        catch (Exception error) when (error is QualityException or Torch.Serialization.WeightFormatException)
        {
            throw new CliException(ExitCode.Model, error.Message.ReplaceLineEndings(" "), error);
        }
    }

    private static void Table(TextWriter writer, List<(string Name, Scores Scores)> rows, bool lpips)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        // A pipe has no width; names must not be broken there.
        if (Console.IsOutputRedirected) console.Profile.Width = 1000;
        Table table = new Table { Border = TableBorder.Simple }.AddColumn("picture");
        foreach (string head in (string[])["PSNR dB", "PSNR-Y dB", "SSIM", "MS-SSIM", .. lpips ? ["LPIPS"] : Array.Empty<string>()])
            table.AddColumn(new TableColumn(head).RightAligned());
        foreach ((string name, Scores scores) in rows)
            table.AddRow([Markup.Escape(name), .. scores.Cells(lpips)]);
        console.Write(table);
        if (!lpips) writer.WriteLine($"LPIPS needs SqueezeNet's weights: --lpips-weights, {WeightsVariable} or `llicm models`");
    }
}
