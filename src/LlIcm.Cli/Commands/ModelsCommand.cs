using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Terminal;
using Spectre.Console;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm models</c>: what there is to code and restore with.</summary>
public static class ModelsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command("models", "List the models.");
        command.Add(common.Json);
        command.Add(common.Quiet);
        command.SetAction(parsed => (int)Run(Reports.For(parsed, common)));
        return command;
    }

    private static ExitCode Run(Report report)
    {
        var rows = new List<string[]>();
        foreach (string name in LlIcmModel.Presets)
        {
            string folder = LlIcmModel.FolderOf(name)!;
            var files = new DirectoryInfo(folder).GetFiles("*.safetensors").OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
            long bytes = files.Sum(file => file.Length);
            var json = new JsonObject
            {
                ["name"] = name,
                ["ok"] = true,
                ["folder"] = folder,
                ["bytes"] = bytes,
                ["files"] = new JsonArray([.. files.Select(file => JsonValue.Create(file.Name))]),
            };
            report.Success(json, _ => { });
            rows.Add([name, Display.Bytes(bytes), string.Join(' ', files.Select(file => Path.GetFileNameWithoutExtension(file.Name))), folder]);
        }
        if (report.IsText)
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(report.Text) });
            if (Console.IsOutputRedirected) console.Profile.Width = 1000;
            Table table = new Table { Border = TableBorder.Simple }.AddColumns("model", "size", "parts", "folder");
            foreach (string[] row in rows) table.AddRow([.. row.Select(cell => Markup.Escape(cell))]);
            console.Write(table);
        }
        if (rows.Count > 0) return ExitCode.Success;
        throw new CliException(ExitCode.Model, "there are no models beside the program");
    }
}
