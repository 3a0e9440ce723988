using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm compress</c>: pictures to .llic files.</summary>
public static class CompressCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var choice = new CompressionChoice();
        var holes = new HolesChoice();
        Option<Degradation?> hint = Choices.Option<Degradation>(
            "--task", "Note in the file what to repair, for whoever restores it. Default: none.", "none");
        var command = new Command("compress", "Code pictures: NAME.llic for each.");
        choice.AddTo(command);
        command.Add(hint);
        holes.AddTo(command);
        common.AddTo(command);
        command.SetAction(parsed => (int)Run(parsed, common, choice, holes, hint));
        return command;
    }

    private static ExitCode Run(
        ParseResult parsed, CommonOptions common, CompressionChoice choice, HolesChoice holes, Option<Degradation?> hint)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Pictures);
        var plan = new OutputPlan(inputs, parsed.GetValue(common.Output), ".llic");
        Report report = Reports.For(parsed, common, plan.UsesStdout);
        CompressOptions options = choice.Options(parsed) with
        {
            Degradation = parsed.Chosen(hint),
            Mask = holes.Mask(parsed),
            FindPaintedHoles = holes.Finds(parsed),
        };
        using var job = new Job(parsed, common, report);
        job.Preload(model => model.Prepare(encoding: true));
        return job.ForEach(inputs.Files, (input, stages) =>
        {
            string output = plan[input];
            job.RequireFree(output);
            byte[] data = input.Read();
            Picture picture = job.Load(input, data, options.KeepMetadata);
            HolesChoice.RequireFitting(options.Mask, picture);
            LlIcmModel model = job.Model;
            LlicFile file = job.Stage(
                stages, input.Path, "compressing",
                progress => new PictureCodec(model).Compress(picture, options, progress, job.Cancellation), out double seconds);
            byte[] coded = file.ToArray();
            job.Write((output, coded));

            double bpp = 8.0 * coded.Length / picture.Width / picture.Height;
            var json = new JsonObject
            {
                ["input"] = input.Path,
                ["ok"] = true,
                ["output"] = output,
                ["width"] = picture.Width,
                ["height"] = picture.Height,
                ["images"] = picture.ImagesInFile,
                ["input_bytes"] = data.Length,
                ["bytes"] = coded.Length,
                ["bpp"] = Json.Number(bpp, 6),
                ["quality"] = Json.Number(file.Header.Quality, 6),
                ["model"] = model.Identity.ToString(),
                ["seconds"] = new JsonObject
                {
                    ["load_model"] = Json.Number(job.ModelSeconds, 3),
                    ["compress"] = Json.Number(seconds, 3),
                },
                ["peak_memory_bytes"] = PeakMemory.Bytes,
            };
            report.Success(json, text => text.WriteLine(Display.Text(
                $"{output}: {picture.Width}x{picture.Height}, {Display.Bytes(coded.Length)}, {bpp:0.000} bpp, quality {file.Header.Quality:0.##}, {Display.Seconds(seconds)}")));
        });
    }
}
