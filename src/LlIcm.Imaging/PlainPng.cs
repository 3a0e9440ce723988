using System.Buffers.Binary;
using System.IO.Compression;

namespace LlIcm.Imaging;

/// <summary>
/// Reads the plainest PNGs, 8-bit RGB from top to bottom, without libvips: what training data are packed as for machines that
/// have none.
/// </summary>
internal static class PlainPng
{
    private const int Signature = 8, Frame = 12;

    /// <summary>Decodes a PNG; null where it is not of the plain kind.</summary>
    /// <exception cref="PictureException">It is damaged or truncated.</exception>
    public static Picture? Decode(ReadOnlySpan<byte> data, string name)
    {
        PngHeader.Check(data, name);
        if (data.Length < Signature + Frame + 13) throw Damaged(name);
        ReadOnlySpan<byte> header = data[(Signature + 8)..];
        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        // Depth, colour type, compression, filter, interlacing.
        if (!header[8..13].SequenceEqual<byte>([8, 2, 0, 0, 0])) return null;
        if (width < 1 || height < 1 || 3L * width * height > Array.MaxLength) throw Damaged(name);
        using var compressed = new MemoryStream();
        for (long at = Signature; ;)
        {
            if (at + Frame > data.Length) throw Damaged(name);
            ReadOnlySpan<byte> chunk = data[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at + Frame + length > data.Length) throw Damaged(name);
            ReadOnlySpan<byte> type = chunk.Slice(4, 4);
            if (type.SequenceEqual("IEND"u8)) break;
            if (type.SequenceEqual("IDAT"u8)) compressed.Write(chunk.Slice(8, (int)length));
            at += Frame + length;
        }
        compressed.Position = 0;
        try
        {
            return Unfilter(new ZLibStream(compressed, CompressionMode.Decompress), width, height, name);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(name);
        }
    }

    private static Picture Unfilter(ZLibStream stream, int width, int height, string name)
    {
        using (stream)
        {
            int stride = 3 * width;
            byte[] rgb = new byte[stride * height];
            ReadOnlySpan<byte> above = new byte[stride];
            for (int y = 0; y < height; y++)
            {
                int filter = stream.ReadByte();
                Span<byte> row = rgb.AsSpan(y * stride, stride);
                stream.ReadExactly(row);
                switch (filter)
                {
                    case 0:
                        break;
                    case 1:
                        for (int i = 3; i < stride; i++) row[i] += row[i - 3];
                        break;
                    case 2:
                        for (int i = 0; i < stride; i++) row[i] += above[i];
                        break;
                    case 3:
                        for (int i = 0; i < stride; i++) row[i] += (byte)(((i < 3 ? 0 : row[i - 3]) + above[i]) / 2);
                        break;
                    case 4:
                        for (int i = 0; i < stride; i++)
                            row[i] += i < 3 ? above[i] : Paeth(row[i - 3], above[i], above[i - 3]);
                        break;
                    default:
                        throw Damaged(name);
                }
                above = row;
            }
            return new Picture(width, height, rgb);
        }
    }

    private static byte Paeth(byte left, byte above, byte corner)
    {
        int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - 2 * corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static PictureException Damaged(string name) => new($"{name}: damaged or truncated PNG");
}
