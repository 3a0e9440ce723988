using System.CommandLine;
using LlIcm.Torch;
using LlIcm.Training;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm train mix</c>: a model between two others.</summary>
public static class MixCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> from = new("from") { HelpName = "FROM", Description = "A model: where training began, or one of two legs." };
        Argument<string> to = new("to") { HelpName = "TO", Description = "Another of the same architecture: where training came to." };
        Option<double?> codec = Share("--codec", "the codec"), controller = Share("--controller", "the vision model"), restorer = Share("--restorer", "the restorer");
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "The model to write.", Required = true };
        var command = new Command("mix", "Write a model whose weights lie between those of two others.") { from, to, codec, controller, restorer, output };
        command.SetAction(parsed =>
        {
            TorchRuntime.Use();
            TorchRuntime.EnsureLoaded();
            ModelMix.Write(
                parsed.GetRequiredValue(from), parsed.GetRequiredValue(to),
                new MixShares(parsed.GetValue(codec) ?? 1, parsed.GetValue(controller) ?? 1, parsed.GetValue(restorer) ?? 1), parsed.GetRequiredValue(output));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Option<double?> Share(string name, string part)
    {
        Option<double?> option = new(name)
        {
            HelpName = "SHARE",
            Description = $"How far {part} lies from FROM, 0, towards TO, 1 (the default).",
        };
        Choices.Require(option, share => share is >= 0 and <= 1, $"{name} takes 0 to 1");
        return option;
    }
}
