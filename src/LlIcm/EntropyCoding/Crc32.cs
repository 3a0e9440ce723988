using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlIcm.EntropyCoding;

/// <summary>
/// CRC-32 as in PNG, zip and Ethernet (polynomial 0x04C11DB7 reflected, initial value and final inversion of all bits),
/// eight bytes a step. The CRC of nothing is 0 and each call continues from the value of the previous one.
/// </summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>Row k: what a byte contributes when k more bytes follow it in the same step.</summary>
    private static readonly uint[] Tables = BuildTables();

    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        // In bounds everywhere: a byte plus at most 0x700, and there are 0x800 elements.
        ref uint t = ref MemoryMarshal.GetArrayDataReference(Tables);
        crc = ~crc;
        for (; data.Length >= 8; data = data[8..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = Unsafe.Add(ref t, 0x700 + (int)(byte)word)
                ^ Unsafe.Add(ref t, 0x600 + (int)(byte)(word >> 8))
                ^ Unsafe.Add(ref t, 0x500 + (int)(byte)(word >> 16))
                ^ Unsafe.Add(ref t, 0x400 + (int)(byte)(word >> 24))
                ^ Unsafe.Add(ref t, 0x300 + (int)(byte)(word >> 32))
                ^ Unsafe.Add(ref t, 0x200 + (int)(byte)(word >> 40))
                ^ Unsafe.Add(ref t, 0x100 + (int)(byte)(word >> 48))
                ^ Unsafe.Add(ref t, (int)(byte)(word >> 56));
        }

        foreach (byte value in data) crc = Unsafe.Add(ref t, (int)(byte)(crc ^ value)) ^ (crc >> 8);
        return ~crc;
    }

    /// <summary>The same over numbers taken as four little-endian bytes each, on any machine.</summary>
    public static uint Append(uint crc, ReadOnlySpan<int> numbers)
    {
        if (BitConverter.IsLittleEndian) return Append(crc, MemoryMarshal.AsBytes(numbers));
        Span<byte> bytes = stackalloc byte[4];
        foreach (int number in numbers)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            crc = Append(crc, bytes);
        }

        return crc;
    }

    private static uint[] BuildTables()
    {
        var tables = new uint[8 * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            tables[value] = crc;
        }

        for (int i = 256; i < tables.Length; i++)
            tables[i] = tables[tables[i - 256] & 255] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
