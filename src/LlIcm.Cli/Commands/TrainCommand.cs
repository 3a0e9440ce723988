using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Torch;
using LlIcm.Training;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm train</c>: the compact model's networks, one after the other.</summary>
public static class TrainCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "train", "Train the compact model on a folder of photographs: codec, then vision, then restorer.");
        command.Add(Stage<CodecRecipe>(
            "codec", "Train the codec: writes codec.safetensors.", (recipe, _, run, cancel) => CodecRun.Execute(recipe, run, cancel)));
        command.Add(Stage<VisionRunRecipe>(
            "vision", "Train the image tower and its controller: writes daclip.safetensors.",
            (recipe, _, run, cancel) => VisionRun.Execute(recipe, run, cancel)));
        command.Add(Stage<RestorerRecipe>(
            "restorer", "Train the restorer on decoded pictures, with a model's codec and vision: writes restorer.safetensors.",
            (recipe, model, run, cancel) => RestorerRun.Execute(recipe, model, run, cancel)));
        command.Add(Preview());
        return command;
    }

    private static Command Stage<T>(
        string name, string description, Action<T, string, RunOptions, CancellationToken> train) where T : new()
    {
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "A YAML recipe, see configs/. Default: the built-in values." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string> data = new("--data") { HelpName = "FOLDER", Description = "Clean photographs.", Required = true };
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "Where checkpoints and weights go.", Required = true };
        Option<bool> resume = new("--resume") { Description = "Go on from the output folder." };
        Option<string> model = new("--model")
        {
            HelpName = "NAME|FOLDER",
            Description = "The model whose codec and vision are used by `train restorer`.",
            DefaultValueFactory = _ => LlIcmModel.Compact,
        };
        Option<int?> threads = new("--threads") { HelpName = "N", Description = "Threads to compute with. Default: the processor's cores." };
        var command = new Command(name, description) { recipe, set, data, output, resume, threads };
        if (name == "restorer") command.Add(model);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            string[] overrides = parsed.GetValue(set) ?? [];
            T values = parsed.GetValue(recipe) is { } path
                ? RecipeFile.Load<T>(path, overrides)
                : RecipeFile.Parse<T>("", "--set", overrides);
            TorchRuntime.EnsureLoaded();
            TorchRuntime.Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount;
            var run = new RunOptions
            {
                Data = parsed.GetRequiredValue(data),
                Output = parsed.GetRequiredValue(output),
                Resume = parsed.GetValue(resume),
                Report = Console.Error.WriteLine,
            };
            train(values, name == "restorer" ? parsed.GetRequiredValue(model) : LlIcmModel.Compact, run, interruption.Token);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Preview()
    {
        Option<string> data = new("--data") { HelpName = "FOLDER", Description = "Clean photographs.", Required = true };
        Option<string> output = new("--output", "-o") { HelpName = "FILE", Description = "The contact sheet.", Required = true };
        Option<int> seed = new("--seed") { HelpName = "N", Description = "Seed of the degradations.", DefaultValueFactory = _ => 1 };
        var command = new Command("preview", "Write a contact sheet of the synthetic degradations.") { data, output, seed };
        command.SetAction(parsed =>
        {
            PhotoCache photos = Photographs.Load(parsed.GetRequiredValue(data), 256);
            var crops = new CropSource(photos, new CropOptions { Size = 256 });
            var random = new Xoshiro256((ulong)parsed.GetValue(seed));
            PlanarImage sheet = ContactSheet.Degradations(
                [crops.Next(random), crops.Next(random)], new DegradationSampler(), (ulong)parsed.GetValue(seed), 3);
            using var files = new AtomicFiles();
            files.Add(
                parsed.GetRequiredValue(output),
                PictureFile.Encode(new Picture(sheet.Width, sheet.Height, sheet.ToInterleaved()), PictureFormat.Png));
            files.Commit();
            return (int)ExitCode.Success;
        });
        return command;
    }
}
