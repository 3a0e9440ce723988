using System.CommandLine;
using System.CommandLine.Help;

namespace LlIcm.Cli.Commands;

/// <summary>The command tree.</summary>
public static class Root
{
    private static readonly (string Name, Func<Command> Create)[] s_commands =
    [
        ("run", RunCommand.Create), ("compress", CompressCommand.Create), ("decompress", DecompressCommand.Create), ("restore", RestoreCommand.Create),
        ("info", InfoCommand.Create), ("compare", CompareCommand.Create), ("score", ScoreCommand.Create), ("bd", BdCommand.Create),
        ("models", ModelsCommand.Create), ("benchmark", BenchmarkCommand.Create), ("train", TrainCommand.Create),
    ];

    /// <summary>Builds it; no library is loaded.</summary>
    /// <param name="only">Where it is the name of a command, the others are left out: building them takes longer than many a call.</param>
    public static RootCommand Create(string? only = null)
    {
        var root = new RootCommand(
            """
            Codes bad photographs (haze, rain, noise, drops, shadows, holes) in few bits, and cleans them up.
            A .llic file is decoded, and restored, with the model it was made with. Works offline.
            """);
        root.Options.Clear();
        root.HelpName = "llicm";
        root.Add(new HelpOption { Recursive = true, Description = "Show this help; after a command, that command's." });
        root.Add(VersionReport.Option());
        bool known = s_commands.Any(command => command.Name == only);
        foreach ((string name, Func<Command> create) in s_commands)
            if (!known || name == only) root.Add(create());
        HelpPage.Install(root);
        return root;
    }
}
