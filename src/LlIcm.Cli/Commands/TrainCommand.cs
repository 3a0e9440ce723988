using System.CommandLine;
using LlIcm.Cli.Files;
using LlIcm.Cli.Terminal;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Torch.Distributed;
using LlIcm.Training;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Distributed;
using LlIcm.Training.Joint;
using LlIcm.Training.Recognition;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm train</c>: the stages of training, one after the other.</summary>
public static class TrainCommand
{
    // A step and its checkpoint take longer than other work.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "train", "Train a model's networks: codec, vlm, controller, restorer, recogniser, joint.");
        command.Add(Stage<CodecRecipe>(
            "codec", "Train the codec: writes codec.safetensors.", null,
            (recipe, _, run, cancel) => CodecRun.Execute(recipe, run, cancel)));
        command.Add(Stage<VisionRecipe>(
            "vlm", "Train the image tower by contrast of crops: writes tower.safetensors.", null,
            (recipe, _, run, cancel) => VisionRun.ExecuteTower(recipe, run, cancel)));
        command.Add(Stage<VisionRecipe>(
            "controller", "Train the controller of a trained image tower: writes daclip.safetensors.",
            new("--tower") { HelpName = "FILE|FOLDER", Description = "The trained tower. Default: the output folder's." },
            (recipe, tower, run, cancel) => VisionRun.ExecuteController(recipe, run, tower, cancel)));
        command.Add(Stage<RestorerRecipe>(
            "restorer", "Train the restorer on the crops that `train crops` made: writes restorer.safetensors.", null,
            (recipe, _, run, cancel) => RestorerRun.Execute(recipe, run, cancel)));
        command.Add(Stage<RecogniserRecipe>(
            "recogniser", "Train the recogniser on the crops that `train crops` made: writes recogniser.safetensors.", null,
            (recipe, _, run, cancel) => RecogniserRun.Execute(recipe, run, cancel)));
        command.Add(Stage<JointRecipe>(
            "joint", "Train codec, controller and restorer of a model together: writes all three.",
            new("--model") { HelpName = "NAME|FOLDER", Description = "The model to start from. Default: compact." },
            (recipe, model, run, cancel) => JointRun.Execute(recipe, model ?? LlIcmModel.Compact, run, cancel)));
        command.Add(Crops());
        command.Add(Preview());
        command.Add(MixCommand.Create());
        command.Add(BundleCommand.Create());
        return command;
    }

    private static Command Stage<T>(
        string name, string description, Option<string?>? source,
        Func<T, string?, RunOptions, CancellationToken, long> train) where T : StageRecipe, new()
    {
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "A YAML recipe, see configs/. Default: the built-in values." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string?> data = new("--data")
        {
            HelpName = "FOLDER",
            Description = "Clean photographs, or pairs in input/ and target/. Default: the recipe's data section.",
        };
        Option<string?> validation = new("--validation") { HelpName = "FOLDER", Description = "Photographs kept out of training, to measure on." };
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "Where checkpoints, logs and weights go.", Required = true };
        Option<bool> resume = new("--resume") { Description = "Go on from the output folder's checkpoint, if there is one." };
        Option<string?> init = new("--init") { HelpName = "FILE|FOLDER", Description = "Start from these weights, with a fresh optimiser." };
        CommonOptions common = new();
        var command = new Command(name, description) { recipe, set, data, validation, output, resume, init };
        if (source is not null) command.Add(source);
        Option<int?> patience = new("--peer-timeout")
        {
            HelpName = "SECONDS",
            Description = "How long to wait for other processes (RANK, WORLD_SIZE, see docs/distributed.md).",
            DefaultValueFactory = _ => 600,
        };
        Choices.Require(patience, seconds => seconds > 0, "--peer-timeout takes a positive number of seconds");
        common.AddTrainingTo(command);
        command.Add(patience);
        command.Add(common.Quiet);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption(s_patience);
            string[] overrides = parsed.GetValue(set) ?? [];
            T values = parsed.GetValue(recipe) is { } path
                ? RecipeFile.Load<T>(path, overrides)
                : RecipeFile.Parse<T>("", "--set", overrides);
            TorchRuntime.Use();
            TorchRuntime.EnsureLoaded();
            Launch? launch = Launch.Read();
            string device = parsed.GetValue(common.Device) ?? "cpu";
            if (device == "cuda" && launch is not null) device = Display.Text($"cuda:{launch.LocalRank}");
            Job.RequireTorchDevice(device);
            TorchRuntime.Threads = parsed.GetValue(common.Threads) ?? Environment.ProcessorCount;
            // Not disposed of after a failure: it would wait for what is lost.
            ProcessGroup? processes = launch?.Join(new Device(device), TimeSpan.FromSeconds(parsed.GetValue(patience)!.Value));
            bool quiet = parsed.GetValue(common.Quiet) || launch is { Rank: > 0 };
            TrainingDisplay.Run(name, quiet, (report, progress) => train(
                values, source is null ? null : parsed.GetValue(source),
                new RunOptions
                {
                    Data = parsed.GetValue(data),
                    Validation = parsed.GetValue(validation),
                    Output = parsed.GetRequiredValue(output),
                    Resume = parsed.GetValue(resume),
                    Init = parsed.GetValue(init),
                    Device = new Device(device),
                    Processes = processes,
                    Report = report,
                    Progress = progress,
                },
                interruption.Token));
            processes?.Dispose();
            return (int)(interruption.Token.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success);
        });
        return command;
    }

    private static Command Crops()
    {
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "A YAML recipe, see configs/compact/crops.yaml." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string?> data = new("--data") { HelpName = "FOLDER", Description = "Photographs or pairs, instead of the recipe's." };
        Option<string?> model = new("--model") { HelpName = "NAME|FOLDER", Description = "The model whose codec is used. Default: compact." };
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "Where the crops go; those that are there are kept.", Required = true };
        CommonOptions common = new();
        var command = new Command("crops", "Make the restorer's training data: degraded crops, coded and decoded.") { recipe, set, data, model, output };
        common.AddTrainingTo(command);
        command.Add(common.Quiet);
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption(s_patience);
            string[] overrides = parsed.GetValue(set) ?? [];
            CropRecipe values = parsed.GetValue(recipe) is { } path
                ? RecipeFile.Load<CropRecipe>(path, overrides) : RecipeFile.Parse<CropRecipe>("", "--set", overrides);
            TorchRuntime.Use();
            TorchRuntime.EnsureLoaded();
            string device = parsed.GetValue(common.Device) ?? "cpu";
            Job.RequireTorchDevice(device);
            TorchRuntime.Threads = parsed.GetValue(common.Threads) ?? Environment.ProcessorCount;
            bool quiet = parsed.GetValue(common.Quiet);
            CropRun.Execute(
                values, parsed.GetValue(model) ?? LlIcmModel.Compact,
                new RunOptions
                {
                    Data = parsed.GetValue(data),
                    Output = parsed.GetRequiredValue(output),
                    Device = new Device(device),
                    Report = line =>
                    {
                        if (!quiet) Console.Error.WriteLine(line);
                    },
                },
                interruption.Token);
            return (int)(interruption.Token.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success);
        });
        return command;
    }

    private static Command Preview()
    {
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "A recipe, of any stage, with a data section." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string?> data = new("--data") { HelpName = "FOLDER", Description = "Photographs or pairs, instead of the recipe's." };
        Option<string> output = new("--output", "-o") { HelpName = "FILE", Description = "The contact sheet.", Required = true };
        Option<int> seed = new("--seed") { HelpName = "N", Description = "Seed of the draws.", DefaultValueFactory = _ => 1 };
        var command = new Command("preview", "Write a labelled contact sheet of the training data.") { recipe, set, data, output, seed };
        command.SetAction(parsed =>
        {
            string sheetPath = parsed.GetRequiredValue(output);
            PictureOutput.RequireWritable(sheetPath);
            PreviewRecipe values = parsed.GetValue(recipe) is { } path
                ? RecipeFile.LoadPart<PreviewRecipe>(path, parsed.GetValue(set), "crop", "data") : new PreviewRecipe();
            DataRecipe sources = parsed.GetValue(data) is { } folder
                ? (values.Data ?? new DataRecipe()) with { Sources = DataRecipe.Of(folder).Sources }
                : values.Data ?? throw new TrainingException("no data: --data FOLDER, or --recipe FILE with a data section");
            TrainingData opened = TrainingData.Open(sources, values.Crop, (ulong)parsed.GetValue(seed));
            Picture sheet = PreviewSheet.Make(opened, (ulong)parsed.GetValue(seed));
            if (opened.Problems() is { } problems) Console.Error.WriteLine(problems);
            using var files = new AtomicFiles();
            files.Add(sheetPath, PictureFile.Encode(sheet, PictureFile.FormatOf(sheetPath)));
            files.Commit();
            return (int)ExitCode.Success;
        });
        return command;
    }
}
