using System.Buffers.Binary;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// Named tensors in a file: safetensors, PyTorch's <c>torch.save</c> formats, TorchScript archives, and sharded
/// checkpoints of the first two. Tensors are read when they are asked for, from the mapped file.
/// </summary>
public abstract class WeightFile : IDisposable
{
    /// <summary>The tensors by name, in file order.</summary>
    public abstract IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>
    /// Free text stored with the tensors (safetensors' <c>__metadata__</c>); empty where there is none.
    /// </summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The path, or what else the bytes came from; for messages.</summary>
    public abstract string Source { get; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public StoredTensor this[string name] => Tensors.TryGetValue(name, out StoredTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"{Source}: no tensor named '{name}'");

    /// <summary>
    /// Opens a weight file, telling its format by its content: safetensors, PyTorch (zip or the older sequential
    /// format), TorchScript, or a <c>*.index.json</c> that names shards. A folder stands for the
    /// <c>model.safetensors</c> or <c>pytorch_model.bin</c> (or their index) in it.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">The file is damaged or of no known format.</exception>
    public static WeightFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) path = ShardedWeightFile.FindIn(path);
        return Open(path, indexAllowed: true);
    }

    /// <summary>Closes the file; spans of its tensors are invalid from here on.</summary>
    public abstract void Dispose();

    /// <summary>Opens a file that is itself named by an index, and so must not be another index.</summary>
    internal static WeightFile OpenShard(string path) => Open(path, indexAllowed: false);

    private static WeightFile Open(string path, bool indexAllowed)
    {
        var bytes = new MappedByteSource(path);
        try
        {
            return Open(bytes, path, indexAllowed);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static WeightFile Open(ByteSource bytes, string path, bool indexAllowed)
    {
        if (bytes.Length < 8) throw new WeightFormatException($"{path}: not a weight file ({bytes.Length} bytes long)");
        ReadOnlySpan<byte> head = bytes.Slice(0, (int)Math.Min(bytes.Length, 16));
        // First: the length it starts with may look like the first byte of any other format.
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (head.Length > 8 && head[8] == '{' && headerLength < (ulong)bytes.Length)
            return SafeTensorsFile.Open(bytes, path);
        if (head[0] == '{' && indexAllowed)
        {
            bytes.Dispose();
            return ShardedWeightFile.Open(path);
        }
        if (head.StartsWith("PK\u0003\u0004"u8)) return PyTorchFile.OpenZip(bytes, path);
        if (head[0] == Unpickler.ProtocolOpcode) return PyTorchFile.OpenLegacy(bytes, path);
        throw new WeightFormatException($"{path}: neither a safetensors file nor a PyTorch file");
    }
}
