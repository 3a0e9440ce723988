using System.Buffers.Binary;

namespace LlIcm.Imaging;

/// <summary>The first directory of a TIFF structure (TIFF 6.0, BigTIFF, EXIF, MPF). Offsets come from the file: none is trusted.</summary>
internal readonly ref struct TiffDirectory
{
    private readonly ReadOnlySpan<byte> _tiff;
    private readonly bool _little, _big;
    private readonly long _start, _count;

    public TiffDirectory(ReadOnlySpan<byte> tiff)
    {
        _tiff = tiff;
        if (tiff.Length < 16) return;
        _little = tiff[0] == (byte)'I';
        _big = Read16(2) == 43;
        long at = _big ? Read64(8) : Read32(4);
        _start = at + (_big ? 8 : 2);
        if (at < 8 || _start > tiff.Length) return;
        long entries = _big ? Read64(at) : Read16(at);
        _count = Math.Clamp(entries, 0, (tiff.Length - _start) / EntryLength);
    }

    private int EntryLength => _big ? 20 : 12;

    /// <summary>The position of a tag's values in the structure, and how many there are; null where the tag is missing or cut off.</summary>
    public (int At, int Type, int Count)? Find(int tag)
    {
        for (long i = 0, at = _start; i < _count; i++, at += EntryLength)
        {
            if (Read16(at) != tag) continue;
            int type = Read16(at + 2);
            long count = _big ? Read64(at + 4) : Read32(at + 4), place = at + (_big ? 12 : 8);
            int size = type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 => 4, _ => 8 };
            if (count is < 1 or > int.MaxValue / 8) return null;
            if (count * size > (_big ? 8 : 4)) place = _big ? Read64(place) : Read32(place);
            return place >= 0 && place + count * size <= _tiff.Length ? ((int)place, type, (int)count) : null;
        }
        return null;
    }

    /// <summary>The whole numbers of a tag; none where it is missing.</summary>
    public long[] Numbers(int tag)
    {
        if (Find(tag) is not { } found) return [];
        long[] numbers = new long[Math.Min(found.Count, 64)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = found.Type switch
            {
                3 => Read16(found.At + 2 * i),
                4 => Read32(found.At + 4 * i),
                _ => _tiff[found.At + i],
            };
        }
        return numbers;
    }

    /// <summary>The fractions of a tag; none where it is missing or of another type.</summary>
    public double[] Fractions(int tag)
    {
        if (Find(tag) is not { Type: 5 } found) return [];
        double[] fractions = new double[Math.Min(found.Count, 64)];
        for (int i = 0; i < fractions.Length; i++)
            fractions[i] = Read32(found.At + 8 * i) / (double)Read32(found.At + 8 * i + 4);
        return fractions;
    }

    /// <summary>The bytes of a tag.</summary>
    public ReadOnlySpan<byte> Bytes(int tag) => Find(tag) is { Type: 1 or 2 or 6 or 7 } found ? _tiff.Slice(found.At, found.Count) : [];

    public uint Read32(long at) => Slice(at, 4) is { Length: 4 } bytes
        ? _little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    private int Read16(long at) => Slice(at, 2) is { Length: 2 } bytes
        ? _little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;

    private long Read64(long at) => Slice(at, 8) is { Length: 8 } bytes
        ? _little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    private ReadOnlySpan<byte> Slice(long at, int length) => at >= 0 && at <= _tiff.Length - length ? _tiff.Slice((int)at, length) : [];
}
