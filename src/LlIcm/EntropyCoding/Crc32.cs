using System.Buffers.Binary;
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
        ReadOnlySpan<uint> t = Tables;
        crc = ~crc;
        for (; data.Length >= 8; data = data[8..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = t[0x700 + (int)(word & 255)] ^ t[0x600 + (int)((word >> 8) & 255)]
                ^ t[0x500 + (int)((word >> 16) & 255)] ^ t[0x400 + (int)((word >> 24) & 255)]
                ^ t[0x300 + (int)((word >> 32) & 255)] ^ t[0x200 + (int)((word >> 40) & 255)]
                ^ t[0x100 + (int)((word >> 48) & 255)] ^ t[(int)(word >> 56)];
        }

        foreach (byte value in data) crc = t[(int)((crc ^ value) & 255)] ^ (crc >> 8);
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
