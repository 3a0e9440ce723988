using System.Security.Cryptography;
using System.Text.Json;

namespace LlIcm.Zoo;

/// <summary>
/// The folder in which published weight files are looked for, and the mirror they can be fetched from. Nothing is
/// downloaded unless it is asked for.
/// </summary>
public sealed class ModelStore
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string FolderVariable = "LLICM_MODELS";

    /// <summary>The environment variable that names the mirror: an address (http, https) or a folder.</summary>
    public const string MirrorVariable = "LLICM_MIRROR";

    // An index of the largest published checkpoints takes some hundred kilobytes.
    private const long MaximalIndex = 100_000_000;

    private readonly string? _mirror;

    /// <summary>A store in a folder, which need not exist.</summary>
    /// <param name="folder">
    /// The folder; null for what <see cref="FolderVariable"/> says, else <c>llicm/models</c> below the user's data
    /// folder (<c>XDG_DATA_HOME</c>, else <c>~/.local/share</c>).
    /// </param>
    /// <param name="mirror">The mirror; null for what <see cref="MirrorVariable"/> says, else there is none.</param>
    public ModelStore(string? folder = null, string? mirror = null)
    {
        Folder = Path.GetFullPath(folder ?? Variable(FolderVariable) ?? Path.Combine(DataFolder(), "llicm", "models"));
        _mirror = string.IsNullOrEmpty(mirror) ? Variable(MirrorVariable) : mirror;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>How long a mirror may send nothing before the transfer is repeated.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before a transfer is repeated.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What there is, and what is looked for where.</summary>
    public IReadOnlyList<ModelStatus> List() => [.. PublishedModel.All.Select(Status)];

    /// <summary>What there is of one model.</summary>
    public ModelStatus Status(PublishedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelStatus[] all = [.. model.Files.Select(file => Status(model, file))];
        return all.FirstOrDefault(each => each is { Present: true, Problem: null })
            ?? all.FirstOrDefault(each => each.Problem is not null) ?? all[0];
    }

    /// <summary>The path of a model's file (or its shards' index); null where it is absent or unusable.</summary>
    /// <exception cref="ModelStoreException">There is no model of that name.</exception>
    public string? Find(string id) => Status(PublishedModel.Get(id)) is { Present: true, Problem: null } status
        ? status.Path
        : null;

    /// <summary>The path of a model's file (or its shards' index).</summary>
    /// <exception cref="ModelStoreException">It is missing; the message says which file to put where.</exception>
    public string Require(string id)
    {
        PublishedModel model = PublishedModel.Get(id);
        ModelStatus status = Status(model);
        if (status is { Present: true, Problem: null }) return status.Path;
        if (status.Problem is { } problem) throw new ModelStoreException($"{status.Path}: {problem}");
        string shards = status.File.IsShardIndex ? " and the shards it names" : "";
        string fetch = _mirror is null ? "" : $", or fetch '{id}' from {_mirror}";
        throw new ModelStoreException(
            $"{model.Purpose} needs {status.File.Name}{shards}: put it into {Folder}, "
            + $"or set {FolderVariable} to its folder{fetch}");
    }

    /// <summary>
    /// Reads a model's files whole and compares their hashes with the published and the recorded ones.
    /// </summary>
    /// <returns>Path, hash and, if something is wrong, a line about it, for each file.</returns>
    /// <exception cref="ModelStoreException">The model is missing.</exception>
    public async Task<IReadOnlyList<(string Path, string Sha256, string? Problem)>> VerifyAsync(
        string id, CancellationToken cancellation = default)
    {
        ModelStatus status = Status(PublishedModel.Get(id));
        if (!status.Present) Require(id);
        var results = new List<(string, string, string?)>();
        IEnumerable<PublishedFile> beside = status.Model.Companions.Where(
            each => File.Exists(Path.Combine(Folder, each.Name)));
        foreach (PublishedFile file in WithShards(status.File).Concat(beside))
        {
            string path = Path.Combine(Folder, file.Name);
            await using FileStream stream = File.OpenRead(path);
            string hash = Convert.ToHexStringLower(
                await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
            string? problem = ModelTransfer.Mismatch(file, stream.Length, hash);
            if (problem is null && Recorded(path) is { } recorded && recorded != hash)
                problem = $"SHA-256 {hash}, but {recorded} when it came";
            results.Add((path, hash, problem));
        }
        return results;
    }

    /// <summary>Fetches a model from the mirror; what is complete already is left alone.</summary>
    /// <param name="id">The model.</param>
    /// <param name="progress">Told what has come.</param>
    /// <param name="cancellation">Interrupts; the next call goes on from there.</param>
    /// <returns>The path of its file, or of its shards' index.</returns>
    /// <exception cref="ModelStoreException">No mirror is set, or the files cannot be had or are wrong.</exception>
    public async Task<string> FetchAsync(
        string id, IProgress<TransferProgress>? progress = null, CancellationToken cancellation = default)
    {
        PublishedModel model = PublishedModel.Get(id);
        if (_mirror is null)
            throw new ModelStoreException($"there is no mirror to fetch '{id}' from: set {MirrorVariable} to one");
        using ModelMirror mirror = ModelMirror.Of(_mirror);
        return await BringAsync(model, model.Files, mirror, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>Copies a model's files, by their published names, from a folder into the store.</summary>
    /// <param name="path">A published file, or the folder that holds some.</param>
    /// <param name="progress">Told what has come.</param>
    /// <param name="cancellation">Interrupts; the next call goes on from there.</param>
    /// <returns>The models that were found and imported.</returns>
    /// <exception cref="ModelStoreException">There are none, or a file is damaged.</exception>
    public async Task<IReadOnlyList<PublishedModel>> ImportAsync(
        string path, IProgress<TransferProgress>? progress = null, CancellationToken cancellation = default)
    {
        string folder = Path.GetFullPath(
            Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!);
        var imported = new List<PublishedModel>();
        foreach (PublishedModel model in PublishedModel.All)
        {
            foreach (PublishedFile file in model.Files)
            {
                // A checkpoint's own folder may have any name.
                string[] candidates = [folder, Path.Combine(folder, Path.GetDirectoryName(file.Name)!)];
                string name = Path.GetFileName(file.Name);
                string? found = candidates.FirstOrDefault(each => File.Exists(Path.Combine(each, name)));
                if (found is null || (File.Exists(path) && Path.GetFileName(path) != name)) continue;
                using ModelMirror mirror = ModelMirror.Of(found);
                await BringAsync(model, [file], new Flat(mirror), progress, cancellation).ConfigureAwait(false);
                imported.Add(model);
                break;
            }
        }
        return imported.Count > 0
            ? imported
            : throw new ModelStoreException($"{path}: no published weight file; their names are "
                + string.Join(", ", PublishedModel.All.SelectMany(m => m.Files).Select(f => Path.GetFileName(f.Name)))
                + "; codecs and restorers become a model with -o FOLDER");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string DataFolder() =>
        Variable("XDG_DATA_HOME") is { } data && Path.IsPathRooted(data)
            ? data
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");

    private ModelStatus Status(PublishedModel model, PublishedFile file)
    {
        string path = Path.Combine(Folder, file.Name);
        if (!File.Exists(path)) return new ModelStatus(model, file, path, false, file.Size, null, file.Sha256);
        string? hash = file.Sha256 ?? Recorded(path);
        try
        {
            long length = 0;
            foreach (PublishedFile each in WithShards(file))
            {
                var info = new FileInfo(Path.Combine(Folder, each.Name));
                if (!info.Exists)
                    return new ModelStatus(
                        model, file, path, false, null, $"its shard {Path.GetFileName(each.Name)} is missing", hash);
                length += info.Length;
            }
            string? problem = file.Size is { } size && size != length ? $"{length} bytes long instead of {size}" : null;
            return new ModelStatus(model, file, path, true, length, problem, hash);
        }
        catch (ModelStoreException error)
        {
            return new ModelStatus(model, file, path, true, null, error.Message, hash);
        }
    }

    private async Task<string> BringAsync(
        PublishedModel model, IReadOnlyList<PublishedFile> choices, ModelMirror mirror,
        IProgress<TransferProgress>? progress, CancellationToken cancellation)
    {
        var transfer = new ModelTransfer(mirror, Folder, progress) { Patience = Patience, Pause = Pause };
        string path = await BringAsync(model, choices, transfer, cancellation).ConfigureAwait(false);
        foreach (PublishedFile file in model.Companions.Where(each => !File.Exists(Path.Combine(Folder, each.Name))))
        {
            try
            {
                await BringAsync(transfer, file, cancellation).ConfigureAwait(false);
            }
            catch (ModelStoreException error) when (error.InnerException is FileNotFoundException)
            {
                // It does without.
            }
        }
        return path;
    }

    private async Task<string> BringAsync(
        PublishedModel model, IReadOnlyList<PublishedFile> choices, ModelTransfer transfer,
        CancellationToken cancellation)
    {
        string? present = Find(model.Id);
        if (choices.Any(file => Path.Combine(Folder, file.Name) == present)) return present!;
        foreach ((int i, PublishedFile file) in choices.Index())
        {
            try
            {
                await BringAsync(transfer, file, cancellation).ConfigureAwait(false);
            }
            catch (ModelStoreException error) when (
                error.InnerException is FileNotFoundException && i + 1 < choices.Count)
            {
                continue;
            }
            foreach (PublishedFile shard in WithShards(file).Skip(1))
                if (!File.Exists(Path.Combine(Folder, shard.Name)))
                    await BringAsync(transfer, shard, cancellation).ConfigureAwait(false);
            return Path.Combine(Folder, file.Name);
        }
        throw new InvalidOperationException("a model has at least one file");
    }

    // The hash of what came is recorded, so that later damage is found also where none was published.
    private async Task BringAsync(ModelTransfer transfer, PublishedFile file, CancellationToken cancellation)
    {
        string hash = await transfer.BringAsync(file, cancellation).ConfigureAwait(false);
        string record = Path.Combine(Folder, file.Name + ".sha256");
        string line = $"{hash}  {Path.GetFileName(file.Name)}\n";
        await File.WriteAllTextAsync(record, line, cancellation).ConfigureAwait(false);
    }

    // The hash that was written down when a file came; null where none was.
    private static string? Recorded(string path)
    {
        try
        {
            return File.Exists(path + ".sha256") ? File.ReadAllText(path + ".sha256").Split(' ', '\n')[0] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The file and, after an index, the shards it names.</summary>
    /// <exception cref="ModelStoreException">The index is unusable.</exception>
    private IEnumerable<PublishedFile> WithShards(PublishedFile file)
    {
        if (!file.IsShardIndex) return [file];
        string path = Path.Combine(Folder, file.Name), folder = Path.GetDirectoryName(file.Name)!;
        try
        {
            if (new FileInfo(path).Length > MaximalIndex) throw new JsonException();
            using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(path));
            string[] shards = [.. index.RootElement.GetProperty("weight_map").EnumerateObject()
                .Select(entry => entry.Value.GetString()!).Distinct().Order(StringComparer.Ordinal)];
            // A name with a folder in it could make us write anywhere.
            if (shards.Any(name => string.IsNullOrEmpty(name) || Path.GetFileName(name) != name || name is "." or ".."))
                throw new JsonException();
            return [file, .. shards.Select(name => new PublishedFile($"{folder}/{name}"))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ModelStoreException($"{path}: no usable index of shards", error);
        }
    }

    /// <summary>A folder without the published one around it.</summary>
    private sealed class Flat(ModelMirror inner) : ModelMirror
    {
        public override Task<Opened> OpenAsync(string name, long offset, string? tag, CancellationToken cancellation) =>
            inner.OpenAsync(Path.GetFileName(name), offset, tag, cancellation);
    }
}
