using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlIcm.Imaging;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>Results of cells in a folder: <c>cells/KE/KEY.json</c>, pictures in <c>pictures/KE/KEY.png</c>. Files appear whole, so that several processes may share it.</summary>
/// <param name="folder">The folder; made where it is missing.</param>
public sealed class CellStore(string folder)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>The result of a cell; null where there is none, or it can't be read.</summary>
    public CellResult? Read(Cell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        try
        {
            CellResult? found = JsonSerializer.Deserialize<CellResult>(File.ReadAllBytes(At("cells", cell.Key, ".json")), s_json);
            bool whole = found is null || found.Problem is not null || cell.Kind is not (CellKind.Code or CellKind.Restore) || File.Exists(PicturePath(cell));
            return whole ? found : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Where a cell's picture is.</summary>
    public string PicturePath(Cell cell) => At("pictures", cell.Key, ".png");

    /// <summary>The picture that a cell made.</summary>
    /// <exception cref="PictureException">It can't be read.</exception>
    public Picture ReadPicture(Cell cell) => PictureFile.Load(PicturePath(cell));

    /// <summary>Stores a result, the picture first.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Write(Cell cell, CellResult result, Picture? picture = null)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (picture is not null) Put(PicturePath(cell), PictureFile.Encode(picture, PictureFormat.Png));
        Put(At("cells", cell.Key, ".json"), JsonSerializer.SerializeToUtf8Bytes(result with { Kind = cell.Kind }, s_json));
    }

    /// <summary>Where the degraded and the clean picture are that a set's crops are of.</summary>
    /// <param name="set">The set's place in the plan.</param>
    public IReadOnlyList<string> SourcePaths(int set) =>
        [.. new[] { "input", "target" }.Select(part => Path.Combine(folder, "sources", string.Create(CultureInfo.InvariantCulture, $"{set}-{part}.png")))];

    /// <summary>Writes a file beside its place and puts it there when it is whole.</summary>
    public static void Put(string path, byte[] data)
    {
        string parent = Path.GetDirectoryName(path)!, temporary = Path.Combine(parent, $".{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(parent);
        try
        {
            File.WriteAllBytes(temporary, data);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Takes from another store what this one lacks.</summary>
    public void Take(CellStore other, Cell cell)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Read(cell) is { Problem: null } || other.Read(cell) is not { } found) return;
        if (cell.Kind is CellKind.Code or CellKind.Restore && found.Problem is null) Put(PicturePath(cell), File.ReadAllBytes(other.PicturePath(cell)));
        Write(cell, found);
    }

    /// <summary>Takes from another store the pictures that crops are of.</summary>
    public void TakeSources(CellStore other, int sets)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < sets; i++)
            foreach ((string to, string from) in SourcePaths(i).Zip(other.SourcePaths(i)))
                if (!File.Exists(to) && File.Exists(from)) Put(to, File.ReadAllBytes(from));
    }

    private string At(string kind, string key, string extension) => Path.Combine(folder, kind, key[..2], key + extension);
}
