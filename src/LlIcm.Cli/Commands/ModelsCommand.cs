using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Terminal;
using LlIcm.Torch;
using LlIcm.Zoo;
using Spectre.Console;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm models</c>: what there is to code, restore and measure with. Only an import loads a library.</summary>
public static class ModelsCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command("models", "List models and published weights; import, fetch and verify the latter.");
        command.Add(common.Json);
        command.Add(common.Quiet);
        command.SetAction(parsed => (int)List(Reports.For(parsed, common)));
        command.Add(Import());
        command.Add(Fetch());
        command.Add(Verify());
        return command;
    }

    private static ExitCode List(Report report)
    {
        var store = new ModelStore();
        Table presets = Table("preset", "size", "parts", "folder"), published = Table("weights", "for", "size", "state");
        foreach (string name in LlIcmModel.Presets)
        {
            string folder = LlIcmModel.FolderOf(name)!;
            FileInfo[] files =
                [.. new DirectoryInfo(folder).GetFiles("*.safetensors").OrderBy(file => file.Name, StringComparer.Ordinal)];
            long bytes = files.Sum(file => file.Length);
            var json = new JsonObject
            {
                ["name"] = name,
                ["ok"] = true,
                ["kind"] = "preset",
                ["present"] = true,
                ["path"] = folder,
                ["bytes"] = bytes,
                ["files"] = new JsonArray([.. files.Select(file => JsonValue.Create(file.Name))]),
            };
            report.Success(json, _ => { });
            string parts = string.Join(' ', files.Select(file => Path.GetFileNameWithoutExtension(file.Name)));
            Row(presets, name, Display.Bytes(bytes), parts, folder);
        }
        foreach (ModelStatus status in store.List())
        {
            var json = new JsonObject
            {
                ["name"] = status.Model.Id,
                ["ok"] = status.Problem is null,
                ["kind"] = "published",
                ["purpose"] = status.Model.Purpose,
                ["present"] = status.Present,
                ["path"] = status.Path,
                ["bytes"] = status.Size,
                ["problem"] = status.Problem,
            };
            report.Success(json, _ => { });
            string state = status.Problem ?? (status.Present ? status.Path : $"absent: {status.File.Name}");
            Row(published, status.Model.Id, status.Model.Purpose, status.Size is { } size ? Display.Bytes(size) : "", state);
        }
        if (!report.IsText) return ExitCode.Success;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(report.Text) });
        // A pipe has no width; paths must not be broken there.
        if (Console.IsOutputRedirected) console.Profile.Width = 1000;
        if (presets.Rows.Count > 0) console.Write(presets);
        else report.Text.WriteLine("There is no preset beside the program.");
        console.Write(published);
        report.Text.WriteLine($"Published weights are looked for in {store.Folder} ({ModelStore.FolderVariable}).");
        return ExitCode.Success;
    }

    private static Command Import()
    {
        Argument<string[]> paths = new("PATH")
        {
            Description = "Published weight files, or folders that hold some.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> output = new("--output", "-o")
        {
            HelpName = "FOLDER",
            Description = "Make a model folder for --model of an MLIC++ codec, a DA-CLIP and a restoration network (any of them;"
                + " others in the folder stay). Without it, weights for `compare`, recognised by name, go into the store.",
        };
        var command = new Command("import", "Take over published checkpoints, without Python.") { paths, output };
        command.SetAction((parsed, cancellation) => Transfer(async () =>
        {
            string[] given = parsed.GetRequiredValue(paths);
            if (parsed.GetValue(output) is { } folder)
            {
                MakeModel(given, folder, cancellation);
                return;
            }
            foreach (string path in given)
            {
                IReadOnlyList<PublishedModel> found =
                    await new ModelStore().ImportAsync(path, null, cancellation).ConfigureAwait(false);
                foreach (PublishedModel model in found) Console.Out.WriteLine($"{model.Id}: {model.Purpose}");
            }
        }));
        return command;
    }

    private static void MakeModel(string[] checkpoints, string folder, CancellationToken cancellation)
    {
        TorchRuntime.EnsureLoaded();
        TorchRuntime.UseAllCores();
        foreach (ModelPart part in CheckpointImport.Import(checkpoints, folder, cancellation))
            Console.Out.WriteLine($"{Path.Combine(folder, part.File)}: {part.Description}, from {part.Source}");
        IReadOnlyList<string> missing = CheckpointImport.MissingFrom(folder);
        Console.Out.WriteLine(
            missing.Count == 0 ? $"complete: use it with --model {folder}" : $"still missing: {string.Join(", ", missing)}");
    }

    private static Command Fetch()
    {
        Argument<string[]> ids = Ids(ArgumentArity.OneOrMore);
        var command = new Command("fetch", $"Download published weights from the mirror that {ModelStore.MirrorVariable} names.") { ids };
        command.SetAction((parsed, cancellation) => Transfer(async () =>
        {
            var store = new ModelStore();
            foreach (string id in parsed.GetRequiredValue(ids))
                Console.Out.WriteLine(await store.FetchAsync(id, null, cancellation).ConfigureAwait(false));
        }));
        return command;
    }

    private static Command Verify()
    {
        Argument<string[]> ids = Ids(ArgumentArity.ZeroOrMore);
        var command = new Command("verify", "Read weight files whole and compare their hashes. Default: all that are there.") { ids };
        command.SetAction((parsed, cancellation) => Transfer(async () =>
        {
            var store = new ModelStore();
            IEnumerable<string> asked = parsed.GetValue(ids) is { Length: > 0 } named
                ? named
                : store.List().Where(status => status.Present).Select(status => status.Model.Id);
            string? bad = null;
            foreach (string id in asked)
            {
                foreach ((string path, string hash, string? problem) in await store.VerifyAsync(id, cancellation).ConfigureAwait(false))
                {
                    Console.Out.WriteLine($"{hash}  {path}{(problem is null ? "" : $"  {problem}")}");
                    if (problem is not null) bad ??= $"{path}: {problem}";
                }
            }
            if (bad is not null) throw new CliException(ExitCode.Model, bad);
        }));
        return command;
    }

    private static Argument<string[]> Ids(ArgumentArity arity) =>
        new("NAME") { Description = "Names as `llicm models` lists them.", Arity = arity };

    private static async Task<int> Transfer(Func<Task> work)
    {
        await work().ConfigureAwait(false);
        return (int)ExitCode.Success;
    }

    private static Table Table(params string[] heads) => new Table { Border = TableBorder.Simple }.AddColumns(heads);

    private static void Row(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);
}
