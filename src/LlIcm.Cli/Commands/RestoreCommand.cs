using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm restore</c>: .llic files and pictures to clean pictures.</summary>
public static class RestoreCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var format = new PictureOutput();
        var restoration = new RestorationChoice();
        var command = new Command("restore", "Clean up .llic files (decoded first) or pictures: NAME.restored.png for each.");
        restoration.AddTo(command, common);
        format.AddTo(command);
        common.AddTo(command);
        command.SetAction(parsed => (int)Run(
            parsed, common, format, restoration, InputKind.Pictures | InputKind.Llic));
        return command;
    }

    /// <summary>Restores the inputs.</summary>
    internal static ExitCode Run(
        ParseResult parsed, CommonOptions common, PictureOutput format, RestorationChoice restoration, InputKind kind)
    {
        InputList inputs = InputList.Expand(parsed.GetRequiredValue(common.Inputs), kind);
        var plan = new OutputPlan(inputs, parsed.GetValue(common.Output), ".restored" + format.Extension(parsed));
        foreach (InputFile input in inputs.Files) PictureOutput.RequireWritable(plan[input]);
        Report report = Reports.For(parsed, common, plan.UsesStdout);
        RestoreOptions options = restoration.Options(parsed);
        using var job = new Job(parsed, common, report);
        job.Preload(model => model.Prepare(restoring: true));
        return job.ForEach(inputs.Files, (input, stages) =>
        {
            string output = plan[input];
            job.RequireFree(output);
            byte[] data = input.Read();
            LlicFile? file = kind == InputKind.Llic || Llic.IsLlic(data) ? Llic.Read(input, data) : null;
            Picture picture = file is null ? job.Load(input, data) : null!;
            LlIcmModel model = job.Model;
            double decoding = 0;
            if (file is not null)
            {
                picture = job.Stage(
                    stages, input.Path, "decompressing",
                    progress => new PictureCodec(model).Decompress(file, progress, job.Cancellation), out decoding);
            }
            RestoreOptions own = file is null ? options : options.Completed(file);
            RestorationResult result = job.Stage(
                stages, input.Path, "restoring",
                progress => RestorationChoice.Restore(
                    model, picture, own, progress, job.Cancellation),
                out double seconds);
            job.Write((output, format.Encode(result.Picture, output, parsed)));

            var json = new JsonObject
            {
                ["input"] = input.Path,
                ["ok"] = true,
                ["output"] = output,
                ["width"] = picture.Width,
                ["height"] = picture.Height,
                ["images"] = picture.ImagesInFile,
                ["input_bytes"] = data.Length,
                ["task"] = result.Repaired?.Task(),
                ["degradation"] = result.Degradation.Word(),
                ["probability"] = Json.Number(result.Probability, 6),
                ["steps"] = result.Steps,
                ["seed"] = own.Seed,
                ["model"] = model.Identity.ToString(),
                ["seconds"] = new JsonObject
                {
                    ["load_model"] = Json.Number(job.ModelSeconds, 3),
                    ["decompress"] = file is null ? null : Json.Number(decoding, 3),
                    ["restore"] = Json.Number(seconds, 3),
                },
                ["peak_memory_bytes"] = PeakMemory.Bytes,
            };
            report.Success(json, text => text.WriteLine(Display.Text(
                $"{output}: {picture.Width}x{picture.Height}, {Found(result)}, {Display.Seconds(seconds)}")));
        });
    }

    /// <summary>What was recognised and what was done, for a person.</summary>
    internal static string Found(RestorationResult result)
    {
        string found = $"recognised {result.Degradation.Word()} ({Display.Percent(result.Probability)})";
        if (result.Repaired is { } repaired) return $"{found}, {repaired.Task()}";
        if (result.Degradation == Degradation.Clean) return $"{found}, nothing to repair";
        return result.Degradation == Degradation.Uncompleted
            ? $"{found}, but no part is painted white: left as it is (--mask tells what is missing)" : $"{found}, unsure: left as it is (--task tells what is wrong)";
    }
}
