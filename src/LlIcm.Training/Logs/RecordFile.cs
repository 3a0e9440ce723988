using System.Buffers.Binary;
using System.Numerics;

namespace LlIcm.Training.Logs;

/// <summary>TensorFlow's record framing: length, its checksum, data, their checksum; all little-endian.</summary>
public static class RecordFile
{
    private const int Overhead = 16;

    /// <summary>Appends a record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[data.Length + Overhead];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedChecksum(data));
        stream.Write(record);
    }

    /// <summary>Reads all records; one that was cut off by a crash ends the file.</summary>
    /// <exception cref="InvalidDataException">A checksum is wrong.</exception>
    public static IEnumerable<byte[]> Read(Stream stream)
    {
        var head = new byte[12];
        while (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8)) != MaskedChecksum(head.AsSpan(0, 8)))
                throw new InvalidDataException("the checksum of a record's length is wrong");
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (length > int.MaxValue - 4) throw new InvalidDataException($"a record of {length} bytes");
            var body = new byte[length + 4];
            if (stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length) yield break;
            if (BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan((int)length)) != MaskedChecksum(body.AsSpan(0, (int)length)))
                throw new InvalidDataException("the checksum of a record is wrong");
            yield return body[..(int)length];
        }
    }

    /// <summary>CRC-32C (Castagnoli) of data.</summary>
    public static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in data) crc = BitOperations.Crc32C(crc, each);
        return ~crc;
    }

    // Masked, because the checksum of data that hold their own checksum is a weak one.
    private static uint MaskedChecksum(ReadOnlySpan<byte> data) =>
        unchecked(BitOperations.RotateRight(Checksum(data), 15) + 0xA282EAD8);
}
