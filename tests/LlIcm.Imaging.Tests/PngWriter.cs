using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace LlIcm.Imaging.Tests;

/// <summary>Writes PNG files chunk by chunk: the kinds that encoders rarely make, and wrong ones.</summary>
internal sealed class PngWriter
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;
    public const byte Rgba = 6;

    private readonly MemoryStream _file = new();

    public PngWriter(int width, int height, byte bits, byte colour)
    {
        _file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bits;
        header[9] = colour;
        Chunk("IHDR", header);
    }

    public PngWriter Chunk(string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        _file.Write(number);
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        _file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(named));
        _file.Write(number);
        return this;
    }

    /// <summary>A profile chunk.</summary>
    public PngWriter Icc(byte[] profile) => Chunk("iCCP", [.. "test\0\0"u8, .. Deflate(profile)]);

    /// <summary>The pixels: rows of packed samples, without filter bytes.</summary>
    public PngWriter Rows(params byte[][] rows) =>
        Chunk("IDAT", Deflate([.. rows.SelectMany(r => r.Prepend((byte)0))]));

    public byte[] End() => Chunk("IEND", []).ToArray();

    /// <summary>The file as far as it has come.</summary>
    public byte[] ToArray() => _file.ToArray();

    private static byte[] Deflate(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest)) zlib.Write(data);
        return packed.ToArray();
    }

    private static uint Crc(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
        }
        return ~crc;
    }
}
