using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm run</c>: the whole path, and a picture that shows it.</summary>
public static class RunCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var choice = new CompressionChoice();
        var restoration = new RestorationChoice();
        var command = new Command(
            "run",
            "Compress, decompress and restore pictures. Writes NAME.llic, NAME.decoded.png, NAME.restored.png and NAME.compare.png,"
            + " which shows input, decoded and restored picture side by side. -o names a folder.");
        choice.AddTo(command);
        restoration.AddTo(command, common);
        common.AddTo(command);
        command.SetAction(parsed => (int)Run(parsed, common, choice, restoration));
        return command;
    }

    private static ExitCode Run(
        ParseResult parsed, CommonOptions common, CompressionChoice choice, RestorationChoice restoration)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures);
        string? folder = parsed.GetValue(common.Output);
        Func<InputFile, string> stems = OutputPlan.Stems(inputs, folder is not null);
        Dictionary<InputFile, RunOutputs> outputs = inputs.Files.ToDictionary(input => input, input => RunOutputs.Of(input, folder, stems(input)));
        OutputPlan.RequireDistinct(outputs.SelectMany(each => each.Value.All.Select(path => (each.Key, path))), inputs);
        Report report = Reports.For(parsed, common);
        CompressOptions compression = choice.Options(parsed);
        RestoreOptions restore = restoration.Options(parsed);
        using var job = new Job(parsed, common, report);
        job.Preload(model => model.Prepare(encoding: true, decoding: true, restoring: true));
        return job.ForEach(inputs.Files, (input, stages) =>
        {
            RunOutputs paths = outputs[input];
            job.RequireFree(paths.All);
            long begun = Stopwatch.GetTimestamp();
            byte[] data = input.Read();
            Picture picture = job.Stage(
                stages, input.Path, "reading",
                _ => job.Load(input, data, compression.KeepMetadata),
                out double reading);
            HolesChoice.RequireFitting(restore.Mask, picture);
            LlIcmModel model = job.Model;
            var codec = new PictureCodec(model);
            byte[] coded = job.Stage(
                stages, input.Path, "compressing",
                progress => codec.Compress(
                    picture, compression with { Mask = restore.Mask, FindPaintedHoles = restore.FindPaintedHoles || restore.Degradation is Degradation.Uncompleted }, progress, job.Cancellation).ToArray(),
                out double compressing);
            // From the bytes, not from what the encoder still knows.
            LlicFile file = Llic.Read(input, coded);
            Picture decoded = job.Stage(
                stages, input.Path, "decompressing",
                progress => codec.Decompress(file, progress, job.Cancellation), out double decompressing);
            RestorationResult result = job.Stage(
                stages, input.Path, "restoring",
                progress => RestorationChoice.Restore(
                    model, decoded, restore.Completed(file), progress, job.Cancellation),
                out double restoring);

            double bpp = 8.0 * coded.Length / picture.Width / picture.Height;
            double psnr = FullReference.Psnr(picture, decoded);
            double ssim = FullReference.Ssim(picture, decoded);
            job.Stage(
                stages, input.Path, "writing",
                _ =>
                {
                    Picture compared = PictureDrawing.SideBySide(
                    [
                        ("input", picture),
                        (Display.Text($"decoded, {bpp:0.000} bpp"), decoded),
                        (result.Repaired is { } repaired ? $"restored, {repaired.Task()}" : "nothing repaired", result.Picture),
                    ]);
                    job.Write(
                        (paths.Llic, coded),
                        (paths.Decoded, PictureFile.Encode(decoded, PictureFormat.Png)),
                        (paths.Restored, PictureFile.Encode(result.Picture, PictureFormat.Png)),
                        (paths.Compare, PictureFile.Encode(compared, PictureFormat.Png)));
                    return true;
                },
                out double writing);
            double total = Stopwatch.GetElapsedTime(begun).TotalSeconds;

            var json = new JsonObject
            {
                ["input"] = input.Path,
                ["ok"] = true,
                ["outputs"] = new JsonObject
                {
                    ["llic"] = paths.Llic,
                    ["decoded"] = paths.Decoded,
                    ["restored"] = paths.Restored,
                    ["compare"] = paths.Compare,
                },
                ["width"] = picture.Width,
                ["height"] = picture.Height,
                ["images"] = picture.ImagesInFile,
                ["input_bytes"] = data.Length,
                ["bytes"] = coded.Length,
                ["bpp"] = Json.Number(bpp, 6),
                ["quality"] = Json.Number(file.Header.Quality, 6),
                ["psnr"] = Json.Number(psnr, 4),
                ["ssim"] = Json.Number(ssim, 6),
                ["task"] = result.Repaired?.Task(),
                ["degradation"] = result.Degradation.Word(),
                ["probability"] = Json.Number(result.Probability, 6),
                ["steps"] = result.Steps,
                ["seed"] = restore.Seed,
                ["model"] = model.Identity.ToString(),
                ["seconds"] = new JsonObject
                {
                    ["load_model"] = Json.Number(job.ModelSeconds, 3),
                    ["read"] = Json.Number(reading, 3),
                    ["compress"] = Json.Number(compressing, 3),
                    ["decompress"] = Json.Number(decompressing, 3),
                    ["restore"] = Json.Number(restoring, 3),
                    ["write"] = Json.Number(writing, 3),
                    ["total"] = Json.Number(total, 3),
                },
                ["peak_memory_bytes"] = PeakMemory.Bytes,
            };
            report.Success(json, text =>
            {
                text.WriteLine($"{input.Path}: {picture.Width}x{picture.Height}, {Display.Bytes(data.Length)}");
                text.WriteLine(Display.Text(
                    $"  compressed  {Display.Bytes(coded.Length)}, {bpp:0.000} bpp, quality {file.Header.Quality:0.##}, {psnr:0.00} dB, SSIM {ssim:0.0000}"));
                text.WriteLine($"  restored    {RestoreCommand.Found(result)}");
                text.WriteLine(
                    $"  time        compress {Display.Seconds(compressing)}, decompress {Display.Seconds(decompressing)},"
                    + $" restore {Display.Seconds(restoring)}, read and write {Display.Seconds(reading + writing)}");
                text.WriteLine($"  memory      {Display.Bytes(PeakMemory.Bytes)} at most");
                text.WriteLine($"  written     {string.Join(' ', paths.All)}");
            });
        });
    }
}
