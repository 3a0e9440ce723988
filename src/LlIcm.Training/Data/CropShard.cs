using System.Buffers.Binary;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// A file of degraded crops with their clean ones: a header (magic, side, count), then for each crop its kind, its mask (a bit a pixel, set where
/// the pixel is kept), the degraded and the clean crop as R, G, B planes of bytes.
/// </summary>
internal static class CropShard
{
    /// <summary>Bytes before the first crop.</summary>
    public const int HeaderLength = 16;

    private const int KindLength = 8;

    private static ReadOnlySpan<byte> Magic => "llicmCRP"u8;

    /// <summary>Bytes of a crop.</summary>
    public static int LengthOf(int side) => KindLength + side * side / 8 + 2 * 3 * side * side;

    /// <summary>The header of a file.</summary>
    public static byte[] Header(int side, int count)
    {
        byte[] header = new byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), side);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), count);
        return header;
    }

    /// <summary>Reads a header; null if it is none.</summary>
    public static (int Side, int Count)? ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderLength || !header.StartsWith(Magic)) return null;
        (int side, int count) = (BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        return side is >= 8 and <= 4096 && side % 8 == 0 && count > 0 ? (side, count) : null;
    }

    /// <summary>Packs a crop.</summary>
    public static byte[] Pack(DegradedSample sample)
    {
        int plane = sample.Clean.PlaneSize;
        byte[] packed = new byte[LengthOf(sample.Clean.Width)];
        packed[0] = (byte)sample.Kind;
        Span<byte> mask = packed.AsSpan(KindLength, plane / 8);
        for (int i = 0; i < plane; i++)
            if (sample.Mask is null || sample.Mask[i] >= 0.5f) mask[i / 8] |= (byte)(1 << (i % 8));
        Bytes(sample.Degraded, packed.AsSpan(KindLength + plane / 8, 3 * plane));
        Bytes(sample.Clean, packed.AsSpan(KindLength + plane / 8 + 3 * plane));
        return packed;
    }

    /// <summary>Cuts a smaller crop out of a packed one.</summary>
    /// <param name="packed">From <see cref="Pack"/>.</param>
    /// <param name="side">Its side.</param>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Top edge.</param>
    /// <param name="size">Side of the result.</param>
    /// <param name="flip">Whether it is mirrored.</param>
    public static DegradedSample Cut(ReadOnlySpan<byte> packed, int side, int left, int top, int size, bool flip)
    {
        int plane = side * side;
        var kind = (Degradation)packed[0];
        ReadOnlySpan<byte> bits = packed.Slice(KindLength, plane / 8);
        float[]? mask = bits.ContainsAnyExcept((byte)0xFF) ? new float[size * size] : null;
        if (mask is not null)
        {
            for (int y = 0; y < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    int at = (top + y) * side + left + (flip ? size - 1 - x : x);
                    mask[y * size + x] = (bits[at / 8] >> (at % 8)) & 1;
                }
            }
        }
        return new DegradedSample(
            Picture(packed.Slice(KindLength + plane / 8, 3 * plane), side, left, top, size, flip),
            Picture(packed[(KindLength + plane / 8 + 3 * plane)..], side, left, top, size, flip), kind, mask);
    }

    private static void Bytes(PlanarImage image, Span<byte> to)
    {
        for (int i = 0; i < image.Pixels.Length; i++) to[i] = (byte)(Math.Clamp(image.Pixels[i], 0f, 1f) * 255f + 0.5f);
    }

    private static PlanarImage Picture(ReadOnlySpan<byte> planes, int side, int left, int top, int size, bool flip)
    {
        PlanarImage image = new(size, size);
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int y = 0; y < size; y++)
            {
                ReadOnlySpan<byte> from = planes.Slice(c * side * side + (top + y) * side + left, size);
                Span<float> row = plane.Slice(y * size, size);
                for (int x = 0; x < size; x++) row[x] = from[x] * (1f / 255f);
                if (flip) row.Reverse();
            }
        }
        return image;
    }
}
