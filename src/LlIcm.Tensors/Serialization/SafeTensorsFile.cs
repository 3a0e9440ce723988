using System.Buffers.Binary;
using System.Text.Json;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// A safetensors file: 8 bytes header length, a JSON header, then the tensors back to back
/// (github.com/huggingface/safetensors). The header is checked as strictly as the reference reader does, so that a
/// damaged or hostile file is refused before any tensor is touched.
/// </summary>
public sealed class SafeTensorsFile : WeightFile
{
    // The reference reader's limit; the header of the largest published models is below 10 MB.
    internal const int MaxHeaderLength = 100_000_000;
    private const int MaxDimensions = 64;
    private readonly ByteSource _bytes;
    private readonly OrderedDictionary<string, StoredTensor> _tensors = [];
    private readonly OrderedDictionary<string, string> _metadata = [];

    private SafeTensorsFile(ByteSource bytes, string source)
    {
        _bytes = bytes;
        Source = source;
        try
        {
            Parse();
        }
        // The second is what text that is no UTF-8 ends in, or an escape that is no character.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new WeightFormatException($"{source}: the safetensors header is not valid JSON", e);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <inheritdoc/>
    public override string Source { get; }

    /// <summary>Maps a safetensors file.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">It is not a valid safetensors file.</exception>
    public static new SafeTensorsFile Open(string path)
    {
        var bytes = new MappedByteSource(path);
        try
        {
            return new SafeTensorsFile(bytes, path);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Reads safetensors from memory, e.g. an embedded resource; the memory is used in place.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="WeightFormatException">It is not a valid safetensors file.</exception>
    public static SafeTensorsFile Open(ReadOnlyMemory<byte> bytes, string source = "(memory)") =>
        new(new ArrayByteSource(bytes), source);

    /// <inheritdoc/>
    public override void Dispose() => _bytes.Dispose();

    /// <summary>Takes over an open source.</summary>
    internal static SafeTensorsFile Open(ByteSource bytes, string source) => new(bytes, source);

    private void Parse()
    {
        if (_bytes.Length < 8) throw Bad($"only {_bytes.Length} bytes long");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(0, 8));
        if (headerLength > MaxHeaderLength)
            throw Bad($"a header of {headerLength} bytes is larger than {MaxHeaderLength}");
        if (headerLength > (ulong)(_bytes.Length - 8))
            throw Bad($"truncated: the header takes {headerLength} bytes, the file has {_bytes.Length}");

        var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 };
        byte[] header = _bytes.Slice(8, (int)headerLength).ToArray();
        using JsonDocument document = JsonDocument.Parse(header, options);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Bad("the header is not a JSON object");

        long start = 8 + (long)headerLength;
        var extents = new List<(long Begin, long End, string Name)>();
        foreach (JsonProperty entry in document.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__") ReadMetadata(entry.Value);
            else extents.Add(ReadTensor(entry.Name, entry.Value, start));
        }
        CheckCoverage(extents, _bytes.Length - start);
    }

    private void ReadMetadata(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Bad("__metadata__ is not a JSON object");
        foreach (JsonProperty entry in element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String) throw Bad($"metadata '{entry.Name}' is not a string");
            _metadata.Add(entry.Name, entry.Value.GetString()!);
        }
    }

    private (long Begin, long End, string Name) ReadTensor(string name, JsonElement element, long start)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Bad($"tensor '{name}' is not described by a JSON object");
        if (!element.TryGetProperty("dtype", out JsonElement dtype) || dtype.ValueKind != JsonValueKind.String)
            throw Bad($"tensor '{name}' has no dtype");
        ScalarType type = ScalarTypes.FromSafeTensors(dtype.GetString())
            ?? throw Bad($"tensor '{name}' has the unsupported dtype '{dtype.GetString()}'");
        long[] shape = Numbers(element, "shape", name);
        if (shape.Length > MaxDimensions) throw Bad($"tensor '{name}' has {shape.Length} dimensions");
        long[] offsets = Numbers(element, "data_offsets", name);
        if (offsets.Length != 2) throw Bad($"tensor '{name}' needs two data_offsets");

        (long begin, long end) = (offsets[0], offsets[1]);
        if (begin < 0 || end < begin || end > _bytes.Length - start)
            throw Bad($"tensor '{name}' takes bytes {begin}..{end} of {_bytes.Length - start}");
        long count = ScalarTypes.CountOf(shape) ?? throw Bad($"tensor '{name}' has an impossible shape");
        if (count * type.Size() != end - begin)
            throw Bad($"tensor '{name}' of shape [{string.Join(", ", shape)}] does not fill its {end - begin} bytes");

        StorageRegion storage = new StorageRegion(type, end - begin).Place(_bytes, start + begin);
        _tensors.Add(name, new StoredTensor(name, type, shape, storage));
        return (begin, end, name);
    }

    private long[] Numbers(JsonElement element, string property, string name)
    {
        if (!element.TryGetProperty(property, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw Bad($"tensor '{name}' has no {property}");
        var numbers = new List<long>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number))
                throw Bad($"tensor '{name}' has a {property} entry that is no integer");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    // The format wants every byte to belong to exactly one tensor, so that nothing can hide in a file.
    private void CheckCoverage(List<(long Begin, long End, string Name)> extents, long length)
    {
        extents.Sort();
        long at = 0;
        foreach ((long begin, long end, string name) in extents)
        {
            if (begin < at) throw Bad($"tensor '{name}' overlaps another one");
            if (begin > at) throw Bad($"bytes {at}..{begin} belong to no tensor");
            at = end;
        }
        if (at != length) throw Bad($"bytes {at}..{length} belong to no tensor");
    }

    private WeightFormatException Bad(string what) => new($"{Source}: {what}");
}
