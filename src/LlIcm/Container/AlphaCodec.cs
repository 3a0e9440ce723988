using System.IO.Compression;

namespace LlIcm.Container;

/// <summary>
/// Lossless coding of an alpha plane: one byte where all pixels are equal, else rows predicted from their neighbours
/// (the idea of PNG's filters, with the median edge detector of LOCO-I, Weinberger et al. 2000) and packed by Brotli.
/// </summary>
public static class AlphaCodec
{
    private const string What = "alpha plane";
    private const byte Constant = 0;
    private const byte Predicted = 1;

    /// <summary>Above this the encoder stops trying alternatives.</summary>
    private const int LargePlane = 1 << 22;

    /// <summary>Packs a plane.</summary>
    /// <param name="plane">Row-major 8-bit values <c>[height, width]</c>.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <returns>The payload of an alpha segment.</returns>
    /// <exception cref="ArgumentException">Sizes disagree.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> plane, int width, int height)
    {
        if (width < 1 || height < 1 || plane.Length != (long)width * height)
            throw new ArgumentException($"{plane.Length} values are not a plane of {width}×{height}", nameof(plane));
        if (!plane.ContainsAnyExcept(plane[0])) return [Constant, plane[0]];

        byte[] best = Pack(plane, width, adaptive: true);
        if (plane.Length <= LargePlane)
        {
            // Masks of two values repeat better as they are.
            byte[] plain = Pack(plane, width, adaptive: false);
            if (plain.Length < best.Length) best = plain;
        }

        return best;
    }

    /// <summary>Unpacks a plane.</summary>
    /// <param name="payload">What <see cref="Encode"/> gave.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <returns>Row-major 8-bit values <c>[height, width]</c>.</returns>
    /// <exception cref="LlicFormatException">The payload is damaged or of another size.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> payload, int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > Array.MaxLength)
            throw new LlicFormatException($"an alpha plane of {width}×{height} does not fit in memory");
        var reader = new ByteReader(payload, What);
        byte method = reader.Byte();
        ReadOnlySpan<byte> body = reader.Bytes(reader.Remaining);
        if (method == Constant && body.Length == 1)
        {
            var flat = new byte[width * height];
            flat.AsSpan().Fill(body[0]);
            return flat;
        }

        if (method != Predicted) throw new LlicFormatException("the alpha plane is damaged");
        using var brotli = new BrotliSource(body, What);
        var plane = new byte[width * height];
        Span<byte> filter = stackalloc byte[1];
        ReadOnlySpan<byte> above = new byte[width];
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = plane.AsSpan(y * width, width);
            brotli.Fill(filter);
            brotli.Fill(row);
            if (filter[0] > (byte)AlphaFilter.Median) throw new LlicFormatException("the alpha plane is damaged");
            AlphaFilters.Undo((AlphaFilter)filter[0], row, above);
            above = row;
        }

        brotli.End();
        return plane;
    }

    private static byte[] Pack(ReadOnlySpan<byte> plane, int width, bool adaptive)
    {
        int height = plane.Length / width;
        var filtered = new byte[checked((width + 1) * height)];
        ReadOnlySpan<byte> above = new byte[width];
        Span<byte> candidate = new byte[width];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = plane.Slice(y * width, width);
            Span<byte> output = filtered.AsSpan(y * (width + 1), width + 1);
            long least = long.MaxValue;
            for (AlphaFilter filter = 0; filter <= (adaptive ? AlphaFilter.Median : AlphaFilter.None); filter++)
            {
                AlphaFilters.Apply(filter, row, above, candidate);
                long size = AlphaFilters.Magnitude(candidate);
                if (size >= least) continue;
                least = size;
                output[0] = (byte)filter;
                candidate.CopyTo(output[1..]);
            }

            above = row;
        }

        var packed = new byte[1 + BrotliEncoder.GetMaxCompressedLength(filtered.Length)];
        packed[0] = Predicted;
        int quality = plane.Length <= LargePlane ? 9 : 5;
        if (!BrotliEncoder.TryCompress(filtered, packed.AsSpan(1), out int length, quality, window: 22))
            throw new InvalidOperationException("the alpha plane could not be packed");
        return packed[..(1 + length)];
    }
}
