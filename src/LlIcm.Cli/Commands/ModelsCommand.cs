using System.CommandLine;
using System.Text.Json.Nodes;
using LlIcm.Cli.Terminal;
using LlIcm.Quality;
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
        var command = new Command("models", "List models and published weights; export the former; import, fetch and verify the latter.");
        command.Add(common.Json);
        command.Add(common.Quiet);
        command.SetAction(parsed => (int)List(Reports.For(parsed, common)));
        command.Add(Export());
        command.Add(Import());
        command.Add(Fetch());
        command.Add(Verify());
        return command;
    }

    private static ExitCode List(Report report)
    {
        Table presets = new Table { Border = TableBorder.Simple }.AddColumns("preset", "size", "parts", "folder");
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
            presets.AddRow([.. new[] { name, Display.Bytes(bytes), parts, folder }.Select(Markup.Escape)]);
        }
        var store = new ModelStore();
        IReadOnlyList<ModelStatus> published = store.List();
        foreach (ModelStatus status in published) report.Success(ToJson(status), _ => { });
        if (!report.IsText) return ExitCode.Success;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(report.Text) });
        // A pipe has no width; paths must not be broken there.
        if (Console.IsOutputRedirected) console.Profile.Width = 1000;
        if (presets.Rows.Count > 0) console.Write(presets);
        else report.Text.WriteLine("There is no preset beside the program.");
        report.Text.WriteLine($"Published weights, looked for in {store.Folder} ({ModelStore.FolderVariable}):");
        foreach (ModelStatus status in published) Write(report.Text, status);
        return ExitCode.Success;
    }

    private static JsonObject ToJson(ModelStatus status) => new()
    {
        ["name"] = status.Model.Id,
        ["ok"] = status.Problem is null,
        ["kind"] = "published",
        ["purpose"] = status.Model.Purpose,
        ["metrics"] = new JsonArray([.. MetricsOf(status.Model).Select(name => JsonValue.Create(name))]),
        ["present"] = status.Present,
        ["path"] = status.Path,
        ["bytes"] = status.Size,
        ["sha256"] = status.Sha256,
        ["problem"] = status.Problem,
        ["files"] = new JsonArray([.. status.Model.Files.Select(file => FileJson(file, false)), .. status.Model.Companions.Select(file => FileJson(file, true))]),
    };

    private static JsonObject FileJson(PublishedFile file, bool optional) => new()
    {
        ["name"] = file.Name,
        ["bytes"] = file.Size,
        ["sha256"] = file.Sha256,
        ["sha256_prefix"] = file.HashPrefix.Length > 0 ? file.HashPrefix : null,
        ["optional"] = optional,
    };

    private static void Write(TextWriter text, ModelStatus status)
    {
        text.WriteLine();
        text.WriteLine($"{status.Model.Id}: {status.Model.Purpose}; for {string.Join(", ", MetricsOf(status.Model))}");
        text.WriteLine(status switch
        {
            { Problem: { } problem } => $"  unusable: {status.Path}: {problem}",
            { Present: true } => $"  present:  {status.Path}, {Display.Bytes(status.Size ?? 0)}{(status.Sha256 is { } hash ? $", SHA-256 {hash}" : "")}",
            _ => "  absent",
        });
        foreach ((int i, PublishedFile file) in status.Model.Files.Index()) Write(text, i == 0 ? "file:    " : "or:      ", file);
        foreach (PublishedFile file in status.Model.Companions) Write(text, "beside it:", file);
    }

    private static void Write(TextWriter text, string label, PublishedFile file)
    {
        string size = file.Size is { } bytes ? $", {Display.Bytes(bytes)} ({bytes} bytes)" : file.IsShardIndex ? " and the shards it names" : "";
        string hash = file.Sha256 is { } all ? $", SHA-256 {all}"
            : file.HashPrefix.Length > 0 ? $", SHA-256 {file.HashPrefix}…" : ", SHA-256 not published";
        text.WriteLine($"  {label} {file.Name}{size}{hash}");
    }

    private static IEnumerable<string> MetricsOf(PublishedModel model) =>
        QualityMetric.All.Where(metric => metric.Model == model.Id).Select(metric => metric.Name);

    private static Command Export()
    {
        var common = new CommonOptions();
        Argument<string> name = new("MODEL") { Description = "A preset's name, or a model's folder." };
        Option<string> output = new("--output", "-o") { HelpName = "FOLDER", Description = "Where the files go; it is made where it is missing.", Required = true };
        var command = new Command("export", "Write a model as ONNX graphs, for programs in other languages (docs/export.md).") { name, output };
        command.Add(common.Json);
        command.Add(common.Quiet);
        command.SetAction(parsed =>
        {
            Report report = Reports.For(parsed, common);
            string folder = parsed.GetRequiredValue(output);
            using LlIcmModel model = LlIcmModel.Load(parsed.GetRequiredValue(name));
            IReadOnlyList<string> files = Exported(model, folder);
            long bytes = files.Sum(file => new FileInfo(Path.Combine(folder, file)).Length);
            var json = new JsonObject
            {
                ["model"] = model.Identity.ToString(), ["ok"] = true, ["output"] = folder, ["bytes"] = bytes,
                ["files"] = new JsonArray([.. files.Select(file => JsonValue.Create(file))]),
            };
            report.Success(json, text => text.WriteLine($"{folder}: {files.Count} files, {Display.Bytes(bytes)}; model.json says how they fit together"));
            return (int)ExitCode.Success;
        });
        return command;
    }

    // Under another name first: whoever looks finds all files or none of them.
    private static IReadOnlyList<string> Exported(LlIcmModel model, string folder)
    {
        if (File.Exists(folder)) throw new CliException(ExitCode.Output, $"{folder}: is a file, not a folder");
        string temporary = Path.Combine(folder, $".llicm-{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            IReadOnlyList<string> files = ModelExport.Write(model, temporary);
            foreach (string file in files) File.Move(Path.Combine(temporary, file), Path.Combine(folder, file), overwrite: true);
            return files;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Output, $"{folder}: cannot be written: {error.Message}");
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static Command Import()
    {
        var common = new CommonOptions();
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
        var command = new Command("import", "Take over published checkpoints, without Python, and check them.") { paths, output };
        command.Add(common.Quiet);
        command.SetAction(parsed => (int)Transfer(Reports.For(parsed, common), (progress, cancellation) =>
        {
            string[] given = parsed.GetRequiredValue(paths);
            if (given.FirstOrDefault(path => !File.Exists(path) && !Directory.Exists(path)) is { } missing)
                throw new CliException(ExitCode.Input, $"{missing}: no such file or folder");
            if (parsed.GetValue(output) is { } folder) return MakeModel(given, folder, cancellation);
            return given.SelectMany(from => new ModelStore().ImportAsync(from, progress, cancellation).GetAwaiter().GetResult())
                .Select(model => $"{model.Id}: {model.Purpose}");
        }));
        return command;
    }

    private static IEnumerable<string> MakeModel(string[] checkpoints, string folder, CancellationToken cancellation)
    {
        foreach (ModelPart part in CheckpointImport.Import(checkpoints, folder, cancellation))
            yield return $"{Path.Combine(folder, part.File)}: {part.Description}, from {part.Source}";
        IReadOnlyList<string> missing = CheckpointImport.MissingFrom(folder);
        yield return missing.Count == 0
            ? $"complete: use it with --model {folder}" : $"still missing: {string.Join(", ", missing)}";
    }

    private static Command Fetch()
    {
        var common = new CommonOptions();
        Argument<string[]> ids = Ids(ArgumentArity.OneOrMore);
        var command = new Command(
            "fetch",
            $"Download published weights from the mirror that {ModelStore.MirrorVariable} names: an http(s) address or a folder."
            + " A transfer that was interrupted goes on where it ended.")
        { ids };
        command.Add(common.Quiet);
        command.SetAction(parsed => (int)Transfer(Reports.For(parsed, common), (progress, cancellation) =>
        {
            var store = new ModelStore();
            string[] names = parsed.GetRequiredValue(ids);
            // A misspelt name is told before an hour of transfers.
            foreach (string id in names) PublishedModel.Get(id);
            return names.Select(id => store.FetchAsync(id, progress, cancellation).GetAwaiter().GetResult());
        }));
        return command;
    }

    private static Command Verify()
    {
        Argument<string[]> ids = Ids(ArgumentArity.ZeroOrMore);
        var command = new Command("verify", "Read weight files whole and compare their hashes. Default: all that are there.") { ids };
        command.SetAction(async (parsed, cancellation) =>
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
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Argument<string[]> Ids(ArgumentArity arity) =>
        new("NAME") { Description = "Names as `llicm models` lists them.", Arity = arity };

    // Shows how far files have come; what is done is said line by line.
    private static ExitCode Transfer(Report report, Func<IProgress<TransferProgress>, CancellationToken, IEnumerable<string>> work)
    {
        using var interruption = new Interruption();
        ProgressDisplay.Run(report, stages =>
        {
            using var bars = new TransferBars(stages);
            foreach (string line in work(bars, interruption.Token)) report.Success([], text => text.WriteLine(line));
        });
        return ExitCode.Success;
    }

    private sealed class TransferBars(ProgressStages stages) : IProgress<TransferProgress>, IDisposable
    {
        private string? _name;
        private ProgressStage? _stage;

        public void Report(TransferProgress value)
        {
            if (value.Name != _name)
            {
                _stage?.Dispose();
                (_name, _stage) = (value.Name, stages.Begin(value.Name, "fetching", value.Total is not null));
            }
            if (value.Total is > 0 and { } total) _stage!.Report((double)value.Done / total);
        }

        public void Dispose() => _stage?.Dispose();
    }
}
