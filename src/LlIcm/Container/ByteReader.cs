using System.Buffers.Binary;

namespace LlIcm.Container;

/// <summary>Reads the format's primitive types; running out of data is a <see cref="LlicFormatException"/>.</summary>
/// <param name="data">What to read.</param>
/// <param name="where">What the data are, for messages.</param>
internal ref struct ByteReader(ReadOnlySpan<byte> data, string where)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _where = where;

    public int Position { get; private set; }

    public readonly int Remaining => _data.Length - Position;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong UInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining) throw new LlicFormatException($"the file is cut off or damaged inside the {_where}");
        ReadOnlySpan<byte> bytes = _data.Slice(Position, count);
        Position += count;
        return bytes;
    }

    /// <summary>A varint in its shortest form.</summary>
    public ulong Varint(ulong max)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next > 127 && shift < 49) continue;
            if (next > 127 || value > max || (next == 0 && shift > 0))
                throw new LlicFormatException($"impossible number in the {_where}");
            return value;
        }
    }

    /// <summary>A varint that counts bytes still to come.</summary>
    public int Length()
    {
        ulong length = Varint(ulong.MaxValue);
        if (length > (ulong)Remaining)
            throw new LlicFormatException($"the file is cut off or damaged inside the {_where}");
        return (int)length;
    }
}
