using System.Buffers.Binary;

namespace LlIcm.Imaging;

/// <summary>
/// Looks over a PNG's chunks before libpng does, because libpng believes them: it makes room for a whole row as soon as
/// it knows the width, and for a whole chunk as soon as it knows its length. Both can claim gigabytes in a tiny file.
/// </summary>
internal static class PngHeader
{
    // libvips' own limit.
    private const int MaxSide = 10_000_000;

    /// <summary>Checks the sides, and that every chunk before the pixels fits into the file.</summary>
    /// <exception cref="PictureException">They are hostile, or the file is truncated.</exception>
    public static void Check(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length < 24) return;
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data[16..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[20..]);
        if (Math.Max(width, height) > MaxSide)
            throw new PictureException($"{name}: {width}x{height} is more than {MaxSide} pixels a side");

        const int signature = 8;
        const int frame = 12;
        for (long at = signature; at + frame <= data.Length;)
        {
            ReadOnlySpan<byte> chunk = data[(int)at..];
            if (chunk[4..].StartsWith("IDAT"u8)) return;
            at += frame + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at > data.Length)
                throw new PictureException($"{name}: damaged or truncated PNG (a chunk is longer than the file)");
        }
    }
}
