using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// Where the entries of a zip archive lie in the file. <see cref="System.IO.Compression.ZipArchive"/> doesn't tell, and
/// without it tensors could not be mapped. Compressed entries (TorchScript's code) are listed, but cannot be read.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const uint In64 = uint.MaxValue;
    private readonly ByteSource _bytes;
    private readonly OrderedDictionary<string, (long Header, long Length, bool IsPlain)> _entries = [];

    /// <exception cref="WeightFormatException">The archive is damaged or truncated.</exception>
    public ZipDirectory(ByteSource bytes)
    {
        _bytes = bytes;
        (long at, long length, long count) = FindCentralDirectory();
        if (!bytes.Contains(at, length) || length > Array.MaxLength || count > length / 46)
            throw new WeightFormatException("the zip directory lies outside the file");
        ReadOnlySpan<byte> directory = bytes.Slice(at, (int)length);
        for (long i = 0; i < count; i++) directory = ReadEntry(directory);
    }

    /// <summary>Entry names in directory order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Position and length of an entry's bytes.</summary>
    /// <exception cref="WeightFormatException">There is no such entry, or its header is damaged.</exception>
    public (long Offset, long Length) Find(string name)
    {
        if (!_entries.TryGetValue(name, out (long Header, long Length, bool IsPlain) entry))
            throw new WeightFormatException($"the archive lacks '{name}'");
        if (!entry.IsPlain)
            throw new WeightFormatException($"entry '{name}' is compressed or encrypted, which PyTorch never does");
        if (!_bytes.Contains(entry.Header, 30))
            throw new WeightFormatException($"entry '{name}' lies outside the file");
        // The local header repeats the name and has an extra field of its own: PyTorch pads with it to 64 bytes.
        ReadOnlySpan<byte> local = _bytes.Slice(entry.Header, 30);
        if (!local.StartsWith("PK\u0003\u0004"u8))
            throw new WeightFormatException($"entry '{name}' has a damaged header");
        long offset = entry.Header + 30 + BinaryPrimitives.ReadUInt16LittleEndian(local[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (!_bytes.Contains(offset, entry.Length))
            throw new WeightFormatException($"entry '{name}' lies outside the file");
        return (offset, entry.Length);
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    private (long Offset, long Length, long Count) FindCentralDirectory()
    {
        // The end record is followed by a comment of at most 65535 bytes.
        int tail = (int)Math.Min(_bytes.Length, EndLength + ushort.MaxValue);
        long start = _bytes.Length - tail;
        ReadOnlySpan<byte> last = _bytes.Slice(start, tail);
        int found = last.LastIndexOf("PK\u0005\u0006"u8);
        if (found < 0 || tail - found < EndLength)
            throw new WeightFormatException("a zip archive without its directory: truncated?");

        ReadOnlySpan<byte> end = last[found..];
        long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (count != ushort.MaxValue && length != In64 && offset != In64) return (offset, length, count);

        long locatorAt = start + found - LocatorLength;
        if (locatorAt < 0) throw new WeightFormatException("the zip64 directory is missing");
        ReadOnlySpan<byte> locator = _bytes.Slice(locatorAt, LocatorLength);
        // An archive of exactly 65535 entries needs no zip64 record.
        if (!locator.StartsWith("PK\u0006\u0007"u8)) return (offset, length, count);
        long endAt = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (!_bytes.Contains(endAt, 56)) throw new WeightFormatException("the zip64 directory lies outside the file");
        ReadOnlySpan<byte> end64 = _bytes.Slice(endAt, 56);
        if (!end64.StartsWith("PK\u0006\u0006"u8)) throw new WeightFormatException("the zip64 directory is damaged");
        return (BinaryPrimitives.ReadInt64LittleEndian(end64[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(end64[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(end64[32..]));
    }

    private ReadOnlySpan<byte> ReadEntry(ReadOnlySpan<byte> at)
    {
        if (at.Length < 46 || !at.StartsWith("PK\u0001\u0002"u8))
            throw new WeightFormatException("the zip directory is damaged");
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(at[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(at[10..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(at[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(at[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(at[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(at[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(at[32..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(at[42..]);
        int total = 46 + nameLength + extraLength + commentLength;
        if (at.Length < total) throw new WeightFormatException("the zip directory is truncated");

        string name = Encoding.UTF8.GetString(at.Slice(46, nameLength));
        ReadOnlySpan<byte> wide = Zip64Field(at.Slice(46 + nameLength, extraLength));
        length = Widen(length, ref wide);
        packed = Widen(packed, ref wide);
        header = Widen(header, ref wide);
        bool plain = method == 0 && packed == length && (flags & 1) == 0;
        if (!_entries.TryAdd(name, (header, length, plain)))
            throw new WeightFormatException($"the archive holds '{name}' twice");
        return at[total..];
    }

    // The zip64 field holds, in this order, only those numbers that are saturated in the plain record.
    private static long Widen(long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != In64) return value;
        if (wide.Length < 8) throw new WeightFormatException("the zip directory lacks a 64-bit size");
        value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[8..];
        return value;
    }

    private static ReadOnlySpan<byte> Zip64Field(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (id == 1) return extra.Slice(4, size);
            extra = extra[(4 + size)..];
        }
        return default;
    }
}
