using System.Buffers.Binary;
using System.Numerics;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// What <c>torch.save</c> or <c>torch.jit.save</c> wrote: the zip format (since PyTorch 1.6; <c>.pt .pth .pth.tar
/// .bin</c>), TorchScript archives, and the older sequential format. Nothing in the file is executed.
/// </summary>
public sealed class PyTorchFile : WeightFile
{
    private const int LegacyVersion = 1001;
    private static readonly BigInteger LegacyMagic =
        BigInteger.Parse("1950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber);

    private readonly ByteSource _bytes;
    private readonly IReadOnlyDictionary<string, StoredTensor> _tensors;
    private readonly Dictionary<string, string> _metadata = [];

    private PyTorchFile(ByteSource bytes, string source, string format, object? root)
    {
        _bytes = bytes;
        Source = source;
        Tree = new CheckpointTree(root);
        _tensors = Tree.StateDict();
        Tree.LocateStateDict(out string path);
        _metadata["format"] = format;
        _metadata["state_dict"] = path;
    }

    /// <summary>Everything in the file, with epochs, optimisers and all.</summary>
    public CheckpointTree Tree { get; }

    /// <summary>The model's tensors: <see cref="CheckpointTree.StateDict()"/>.</summary>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>
    /// <c>format</c> (<c>torch.save</c>, <c>torch.jit.save</c> or <c>torch.save (legacy)</c>) and <c>state_dict</c>,
    /// the dotted path at which the tensors were found.
    /// </summary>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <inheritdoc/>
    public override string Source { get; }

    /// <summary>Maps a PyTorch file.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">It is damaged, holds what is refused, or is no PyTorch file.</exception>
    public static new PyTorchFile Open(string path)
    {
        WeightFile file = WeightFile.Open(path);
        if (file is PyTorchFile torch) return torch;
        file.Dispose();
        throw new WeightFormatException($"{path}: not a PyTorch file");
    }

    /// <inheritdoc/>
    public override void Dispose() => _bytes.Dispose();

    internal static PyTorchFile OpenZip(ByteSource bytes, string source) => Explain(source, () =>
    {
        var zip = new ZipDirectory(bytes);
        string pickle = zip.Names.FirstOrDefault(IsMainPickle)
            ?? throw new WeightFormatException("a zip archive that torch.save has not written (no data.pkl)");
        string root = pickle[..^"data.pkl".Length];
        if (zip.Contains(root + "byteorder"))
        {
            (long at, long length) = zip.Find(root + "byteorder");
            if (bytes.Slice(at, (int)Math.Min(length, 16)).SequenceEqual("big"u8))
                throw new WeightFormatException("big-endian tensors are not supported");
        }
        bool script = zip.Contains(root + "constants.pkl")
            || zip.Names.Any(name => name.StartsWith(root + "code/", StringComparison.Ordinal));

        var storages = new Dictionary<string, StorageRegion>();
        StorageRegion StorageOf(object?[] id)
        {
            if (id is not ["storage", PickleGlobals.StorageClass kind, string key, _, long count, ..])
                throw new WeightFormatException("damaged pickle: an unknown kind of storage");
            if (storages.TryGetValue(key, out StorageRegion? known)) return known;
            (long at, long length) = zip.Find($"{root}data/{key}");
            long bytesHeld = ByteCount(count, kind);
            if (bytesHeld > length)
                throw new WeightFormatException($"storage {key} is {length} bytes long, not {bytesHeld}");
            return storages[key] = new StorageRegion(kind.Type, bytesHeld).Place(bytes, at);
        }

        (long start, long size) = zip.Find(pickle);
        object? value = new Unpickler(bytes, start, start + size, StorageOf, script).Load();
        return new PyTorchFile(bytes, source, script ? "torch.jit.save" : "torch.save", value);
    });

    /// <summary>
    /// The format before PyTorch 1.6: pickles of a magic number, a version, the saving machine, the value and the list
    /// of storages, then the storages one after the other.
    /// </summary>
    internal static PyTorchFile OpenLegacy(ByteSource bytes, string source) => Explain(source, () =>
    {
        var storages = new Dictionary<string, (StorageRegion Region, int ElementSize)>();
        var views = new List<(StorageRegion View, StorageRegion Root, long Offset)>();
        StorageRegion StorageOf(object?[] id)
        {
            if (id is not ["storage", PickleGlobals.StorageClass kind, string key, _, long count, ..])
                throw new WeightFormatException("damaged pickle: an unknown kind of storage");
            int width = kind.Type?.Size() ?? 1;
            if (!storages.TryGetValue(key, out (StorageRegion Region, int ElementSize) root))
                storages[key] = root = (new StorageRegion(kind.Type, ByteCount(count, kind)), width);
            if (id is not [_, _, _, _, _, object?[] view]) return root.Region;
            if (view is not [string, long offset, long viewCount] || offset < 0 || offset > root.Region.Length)
                throw new WeightFormatException("damaged pickle: an unknown kind of storage view");
            var region = new StorageRegion(kind.Type, ByteCount(viewCount, kind));
            views.Add((region, root.Region, offset * width));
            return region;
        }

        long at = 0;
        object? Next()
        {
            var pickle = new Unpickler(bytes, at, bytes.Length, StorageOf, torchScript: false);
            object? value = pickle.Load();
            at = pickle.Position;
            return value;
        }

        if (!LegacyMagic.Equals(Next())) throw new WeightFormatException("a pickle that torch.save has not written");
        if (Next() is not (long)LegacyVersion)
            throw new WeightFormatException("an unknown version of PyTorch's older format");
        if (Next() is OrderedDictionary<object, object?> system
            && system.TryGetValue("little_endian", out object? little) && little is false)
            throw new WeightFormatException("big-endian tensors are not supported");
        object? root = Next();
        if (Next() is not List<object?> keys) throw new WeightFormatException("the list of storages is missing");

        foreach (object? item in keys)
        {
            if (item is not string key
                || !storages.TryGetValue(key, out (StorageRegion Region, int ElementSize) storage))
                throw new WeightFormatException("the file holds a storage that no tensor uses");
            if (!bytes.Contains(at, 8)) throw new WeightFormatException("truncated: a storage is missing");
            long count = BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice(at, 8));
            long wanted = storage.Region.Length / storage.ElementSize;
            if (count != wanted) throw new WeightFormatException($"storage {key} holds {count} elements, not {wanted}");
            storage.Region.Place(bytes, at + 8);
            at += 8 + storage.Region.Length;
        }
        if (storages.Values.Any(storage => !storage.Region.IsPlaced))
            throw new WeightFormatException("a storage is missing");
        foreach ((StorageRegion view, StorageRegion whole, long offset) in views) view.PlaceIn(whole, offset);
        return new PyTorchFile(bytes, source, "torch.save (legacy)", root);
    });

    private static bool IsMainPickle(string name) =>
        name.Count(c => c == '/') <= 1 && Path.GetFileName(name) == "data.pkl";

    private static long ByteCount(long count, PickleGlobals.StorageClass kind)
    {
        int size = kind.Type?.Size() ?? 1;
        return count >= 0 && count <= long.MaxValue / size
            ? count * size
            : throw new WeightFormatException($"damaged pickle: a storage of {count} elements");
    }

    // The parts know what is wrong, but not in which file.
    private static PyTorchFile Explain(string source, Func<PyTorchFile> open)
    {
        try
        {
            return open();
        }
        catch (WeightFormatException e)
        {
            throw new WeightFormatException($"{source}: {e.Message}", e);
        }
    }
}
