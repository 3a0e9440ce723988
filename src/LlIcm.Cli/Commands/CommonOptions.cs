using System.CommandLine;
using System.CommandLine.Parsing;

namespace LlIcm.Cli.Commands;

/// <summary>Options that several commands share. A command adds those that mean something to it.</summary>
public sealed class CommonOptions
{
    /// <summary>Inputs.</summary>
    public Argument<string[]> Inputs { get; } = new("INPUT")
    {
        Description = "Files, folders, patterns (quoted: '*.png', 'photos/**/*.jpg'), or - for standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Where results go.</summary>
    public Option<string?> Output { get; } = new("--output", "-o")
    {
        HelpName = "PATH",
        Description = "The output file; the folder where there are several inputs (made where missing); - for standard"
            + " output. Default: beside the input.",
    };

    /// <summary>JSON.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "One JSON object per input on standard output, and nothing else there.",
    };

    /// <summary>Silence.</summary>
    public Option<bool> Quiet { get; } = new("--quiet")
    {
        Description = "Say nothing but what went wrong.",
    };

    /// <summary>Existing files stay.</summary>
    public Option<bool> NoOverwrite { get; } = new("--no-overwrite")
    {
        Description = "Leave existing files alone: an input whose output exists fails.",
    };

    /// <summary>The model.</summary>
    public Option<string?> Model { get; } = new("--model")
    {
        HelpName = "NAME|FOLDER",
        Description = "A preset (see `llicm models`) or a folder with weights. Default: compact.",
    };

    /// <summary>The device.</summary>
    public Option<string> Device { get; } = new("--device")
    {
        HelpName = "DEVICE",
        Description = "cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>Threads of an operator.</summary>
    public Option<int?> Threads { get; } = new("--threads")
    {
        HelpName = "N",
        Description = "Threads to compute with. Default: the processor's cores. Files do not depend on it.",
    };

    /// <summary>Where training computes, and with how many threads.</summary>
    public void AddTrainingTo(Command command)
    {
        Threads.Description = "Threads to compute with. Default: the processor's cores.";
        command.Add(Device);
        AddThreadsTo(command);
    }

    /// <summary>Options of every command that works on inputs.</summary>
    public void AddTo(Command command, bool model = true, bool output = true)
    {
        command.Add(Inputs);
        if (output) command.Add(Output);
        if (model)
        {
            command.Add(Model);
            command.Add(Device);
            AddThreadsTo(command);
        }
        command.Add(Json);
        command.Add(Quiet);
        if (output) command.Add(NoOverwrite);
        // Else a misspelt option would be taken for a file.
        Inputs.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.Length > 1 && token.Value[0] == '-' && !File.Exists(token.Value))
                    result.AddError($"{token.Value}: there is no such option (a file of that name: ./{token.Value})");
            }
        });
    }

    private void AddThreadsTo(Command command)
    {
        command.Add(Threads);
        Choices.Require(Threads, threads => threads is >= 1 and <= 1024, "--threads takes 1 to 1024");
    }
}
