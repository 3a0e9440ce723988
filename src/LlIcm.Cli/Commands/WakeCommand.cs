using System.CommandLine;
using LlIcm.Torch;
using LlIcm.Training;
using LlIcm.Training.Joint;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm train wake</c>: gives a restorer's sleeping units a new start.</summary>
public static class WakeCommand
{
    private const int DefaultBatches = 8;

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "A preset or the folder of a model." };
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "A recipe of joint training, for its data, batch and crop." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string?> data = new("--data") { HelpName = "FOLDER", Description = "Photographs or pairs, instead of the recipe's." };
        Option<int?> batches = new("--batches")
        {
            HelpName = "N",
            Description = "How many batches a unit has to sleep through.",
            DefaultValueFactory = _ => DefaultBatches,
        };
        Choices.Require(batches, count => count is >= 1 and <= 100_000, "--batches takes 1 to 100000");
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "The model to write.", Required = true };
        var command = new Command(
            "wake", "Write a model whose restorer's units that no pixel wakes are drawn anew: it restores as before, and can learn again.")
        { model, recipe, set, data, batches, output };
        CommonOptions common = new();
        common.AddTrainingTo(command);
        command.SetAction(parsed =>
        {
            string[] overrides = parsed.GetValue(set) ?? [];
            JointRecipe values = parsed.GetValue(recipe) is { } path
                ? RecipeFile.Load<JointRecipe>(path, overrides) : RecipeFile.Parse<JointRecipe>("", "--set", overrides);
            TorchRuntime.Use();
            TorchRuntime.EnsureLoaded();
            string device = parsed.GetValue(common.Device) ?? "cpu";
            Job.RequireTorchDevice(device);
            TorchRuntime.Threads = parsed.GetValue(common.Threads) ?? Environment.ProcessorCount;
            (int units, double share) = RestorerWake.Write(
                values, parsed.GetRequiredValue(model),
                new RunOptions
                {
                    Data = parsed.GetValue(data),
                    Output = parsed.GetRequiredValue(output),
                    Device = new Device(device),
                    Report = Console.Error.WriteLine,
                },
                parsed.GetValue(batches)!.Value);
            Console.WriteLine(FormattableString.Invariant($"{units} units woken, {share:P1} of the restorer's"));
            return (int)ExitCode.Success;
        });
        return command;
    }
}
