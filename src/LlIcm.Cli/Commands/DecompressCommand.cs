using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm decompress</c>: .llic files to pictures.</summary>
public static class DecompressCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var format = new PictureOutput();
        var restoration = new RestorationChoice();
        var restore = new Option<bool>("--restore") { Description = "Restore what was decoded: as `llicm restore`, whose options apply." };
        var command = new Command("decompress", "Decode .llic files: NAME.decoded.png for each.");
        format.AddTo(command);
        command.Add(restore);
        restoration.AddTo(command, common);
        common.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(restore) is not { Implicit: false } && restoration.IsGiven(result))
                result.AddError("options of the restorer need --restore");
        });
        command.SetAction(parsed => parsed.GetValue(restore)
            ? (int)RestoreCommand.Run(parsed, common, format, restoration, InputKind.Llic)
            : (int)Run(parsed, common, format));
        return command;
    }

    private static ExitCode Run(ParseResult parsed, CommonOptions common, PictureOutput format)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), InputKind.Llic);
        var plan = new OutputPlan(inputs, parsed.GetValue(common.Output), ".decoded" + format.Extension(parsed));
        foreach (InputFile input in inputs.Files) PictureOutput.RequireWritable(plan[input]);
        Report report = Reports.For(parsed, common, plan.UsesStdout);
        using var job = new Job(parsed, common, report);
        job.Preload(model => model.Prepare(decoding: true));
        return job.ForEach(inputs.Files, (input, stages) =>
        {
            string output = plan[input];
            job.RequireFree(output);
            byte[] data = input.Read();
            LlicFile file = Llic.Read(input, data);
            LlIcmModel model = job.Model;
            Picture picture = job.Stage(
                stages, input.Path, "decompressing",
                progress => new PictureCodec(model).Decompress(file, progress, job.Cancellation), out double seconds);
            job.Write((output, format.Encode(picture, output, parsed)));

            var json = new JsonObject
            {
                ["input"] = input.Path,
                ["ok"] = true,
                ["output"] = output,
                ["width"] = picture.Width,
                ["height"] = picture.Height,
                ["input_bytes"] = data.Length,
                ["bpp"] = Json.Number(8.0 * data.Length / picture.Width / picture.Height, 6),
                ["model"] = model.Identity.ToString(),
                ["seconds"] = new JsonObject
                {
                    ["load_model"] = Json.Number(job.ModelSeconds, 3),
                    ["decompress"] = Json.Number(seconds, 3),
                },
                ["peak_memory_bytes"] = PeakMemory.Bytes,
            };
            report.Success(json, text => text.WriteLine(Display.Text(
                $"{output}: {picture.Width}x{picture.Height}, {Display.Seconds(seconds)}")));
        });
    }
}
