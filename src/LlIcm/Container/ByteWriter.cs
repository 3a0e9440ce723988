using System.Buffers;
using System.Buffers.Binary;

namespace LlIcm.Container;

/// <summary>Appends the format's primitive types.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(2), (ushort)value);
        _buffer.Advance(2);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void UInt64BigEndian(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Seven bits a byte, low ones first, the top bit set on all bytes but the last (LEB128).</summary>
    public void Varint(ulong value)
    {
        for (; value > 127; value >>= 7) Byte((byte)(value | 128));
        Byte((byte)value);
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
