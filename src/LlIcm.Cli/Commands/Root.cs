using System.CommandLine;
using System.CommandLine.Help;

namespace LlIcm.Cli.Commands;

/// <summary>The command tree.</summary>
public static class Root
{
    /// <summary>Builds it; no library is loaded.</summary>
    public static RootCommand Create()
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
        root.Add(RunCommand.Create());
        root.Add(CompressCommand.Create());
        root.Add(DecompressCommand.Create());
        root.Add(RestoreCommand.Create());
        root.Add(InfoCommand.Create());
        root.Add(CompareCommand.Create());
        root.Add(ScoreCommand.Create());
        root.Add(BdCommand.Create());
        root.Add(ModelsCommand.Create());
        root.Add(BenchmarkCommand.Create());
        root.Add(TrainCommand.Create());
        HelpPage.Install(root);
        return root;
    }
}
