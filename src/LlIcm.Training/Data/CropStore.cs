using Microsoft.Win32.SafeHandles;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Crops that <c>llicm train crops</c> has made, read from their files as they are drawn. Sample k of step s depends on the seed, s, k and
/// the number of crops alone. Safe for use by several threads at once.
/// </summary>
public sealed class CropStore : IDisposable
{
    /// <summary>Crops in a file.</summary>
    public const int ShardCount = 256;

    private readonly List<SafeFileHandle> _files = [];
    private readonly List<(int UpTo, int Index)> _counts = [];
    private readonly int? _crop;
    private readonly ulong _seed;

    private CropStore(int? crop, ulong seed) => (_crop, _seed) = (crop, seed);

    /// <summary>Crops in all files.</summary>
    public int Count { get; private set; }

    /// <summary>Side of the stored crops.</summary>
    public int Side { get; private set; }

    /// <summary>The name of a file, counted from 0.</summary>
    public static string ShardName(int index) => $"crops-{index:D5}.bin";

    /// <summary>Opens a folder of crops.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="crop">Side of the crops to draw; null: the stored ones are taken whole.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="TrainingException">There are none, or a file is damaged; the message names it.</exception>
    public static CropStore Open(string folder, int? crop, ulong seed)
    {
        string[] paths = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "crops-*.bin").Order(StringComparer.Ordinal)] : [];
        if (paths.Length == 0) throw new TrainingException($"{folder}: no crops; `llicm train crops` makes them");
        var store = new CropStore(crop, seed);
        try
        {
            foreach (string path in paths) store.Add(path);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Draws a sample of a step.</summary>
    public DegradedSample Sample(long step, int k)
    {
        Xoshiro256 random = new(Xoshiro256.Mix(_seed, (ulong)step, (ulong)k));
        int at = random.NextInt(Count);
        int room = Side - Drawn + 1;
        int left = random.NextInt(room), top = random.NextInt(room);
        return Read(at, left, top, random.Chance(0.5f));
    }

    /// <summary>Draws a part of a step's batch.</summary>
    public TrainingBatch MakePart(long step, BatchPart part) =>
        new([.. Enumerable.Range(part.First, part.Count).Select(k => Sample(step, k))]);

    /// <summary>The middle of a stored crop, unmirrored: for validation.</summary>
    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    public DegradedSample Middle(int index) => Read(index, (Side - Drawn) / 2, (Side - Drawn) / 2, flip: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle file in _files) file.Dispose();
    }

    private int Drawn => _crop ?? Side;

    private DegradedSample Read(int index, int left, int top, bool flip)
    {
        int file = _counts.FindIndex(each => index < each.UpTo);
        int own = index - (file == 0 ? 0 : _counts[file - 1].UpTo);
        byte[] packed = new byte[CropShard.LengthOf(Side)];
        if (RandomAccess.Read(_files[file], packed, CropShard.HeaderLength + (long)own * packed.Length) != packed.Length)
            throw new TrainingException($"{ShardName(_counts[file].Index)}: crop {own} is missing");
        return CropShard.Cut(packed, Side, left, top, Drawn, flip);
    }

    private void Add(string path)
    {
        try
        {
            SafeFileHandle file = File.OpenHandle(path);
            _files.Add(file);
            byte[] header = new byte[CropShard.HeaderLength];
            int read = RandomAccess.Read(file, header, 0);
            if (CropShard.ReadHeader(header.AsSpan(0, read)) is not { } found
                || RandomAccess.GetLength(file) != CropShard.HeaderLength + (long)found.Count * CropShard.LengthOf(found.Side))
                throw new TrainingException($"{path}: no file of crops, or a damaged one");
            if (Side != 0 && found.Side != Side) throw new TrainingException($"{path}: crops of {found.Side} pixels beside such of {Side}");
            if (found.Side < _crop) throw new TrainingException($"{path}: crops of {found.Side} pixels, and the recipe wants {_crop}");
            Side = found.Side;
            Count += found.Count;
            _counts.Add((Count, _counts.Count));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}");
        }
    }
}
