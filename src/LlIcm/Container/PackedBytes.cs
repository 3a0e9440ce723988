using System.IO.Compression;

namespace LlIcm.Container;

/// <summary>A block of metadata: as it is, or Brotli (RFC 7932) where that is smaller.</summary>
internal static class PackedBytes
{
    private const byte Stored = 0;
    private const byte Brotli = 1;

    public static byte[] Write(ReadOnlySpan<byte> data)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(data.Length)];
        bool smaller = BrotliEncoder.TryCompress(data, packed, out int length, quality: 9, window: 22)
            && length + 4 < data.Length;
        var writer = new ByteWriter();
        writer.Byte(smaller ? Brotli : Stored);
        if (smaller) writer.Varint((ulong)data.Length);
        writer.Bytes(smaller ? packed.AsSpan(0, length) : data);
        return writer.ToArray();
    }

    public static byte[] Read(ReadOnlySpan<byte> payload, string what, int maxBytes)
    {
        var reader = new ByteReader(payload, what);
        byte method = reader.Byte();
        if (method > Brotli) throw new LlicFormatException($"the {what} is packed in an unknown way");
        ulong length = method == Stored ? (ulong)reader.Remaining : reader.Varint(ulong.MaxValue);
        if (length > (ulong)maxBytes)
            throw new LlicFormatException($"the {what} of {length} bytes exceeds the limit of {maxBytes}");
        ReadOnlySpan<byte> body = reader.Bytes(reader.Remaining);
        if (method == Stored) return body.ToArray();

        using var brotli = new BrotliSource(body, what);
        // Grows with what really comes, so that a declared size alone costs nothing.
        var unpacked = new byte[Math.Min((int)length, 1 << 16)];
        int filled = 0;
        while (true)
        {
            brotli.Fill(unpacked.AsSpan(filled));
            filled = unpacked.Length;
            if (filled == (int)length) break;
            Array.Resize(ref unpacked, (int)Math.Min(length, 2UL * (ulong)filled));
        }

        brotli.End();
        return unpacked;
    }
}
