using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>
/// RGB to raw planar Y′CbCr video and back, as video codecs take it: BT.709, limited range, 8 bits in bytes, more in 16-bit little-endian words.
/// Computed in floating point and rounded; 4:2:0 is the mean of 2×2 samples on the way down and bicubic interpolation on the way up.
/// </summary>
/// <param name="bits">Bits a sample, 8 to 16.</param>
/// <param name="subsampled">Whether colour is at half resolution (4:2:0).</param>
public sealed class RawVideo(int bits, bool subsampled)
{
    private const double Red = 0.2126, Blue = 0.0722, Green = 1 - Red - Blue;

    private double Unit => 1 << (bits - 8);

    /// <summary>Width or height of the frame: that of the picture, made even for 4:2:0.</summary>
    public int Side(int pixels) => subsampled ? (pixels + 1) / 2 * 2 : pixels;

    /// <summary>One frame's bytes; a picture of odd sides is continued by its last row and column.</summary>
    public byte[] FromPicture(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        (int width, int height) = (Side(picture.Width), Side(picture.Height));
        double[] y = new double[width * height], cb = new double[y.Length], cr = new double[y.Length];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int from = 3 * (Math.Min(row, picture.Height - 1) * picture.Width + Math.Min(column, picture.Width - 1)), to = row * width + column;
                double r = picture.Rgb[from] / 255.0, g = picture.Rgb[from + 1] / 255.0, b = picture.Rgb[from + 2] / 255.0;
                y[to] = Red * r + Green * g + Blue * b;
                cb[to] = (b - y[to]) / (2 * (1 - Blue));
                cr[to] = (r - y[to]) / (2 * (1 - Red));
            }
        }
        if (subsampled) (cb, cr) = (Halved(cb, width, height), Halved(cr, width, height));
        using var frame = new MemoryStream();
        Write(frame, y, 219, 16);
        Write(frame, cb, 224, 128);
        Write(frame, cr, 224, 128);
        return frame.ToArray();
    }

    /// <summary>The picture of one frame.</summary>
    /// <param name="frame">Bytes of a frame.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <exception cref="BenchmarkException">The frame has another length.</exception>
    public Picture ToPicture(ReadOnlySpan<byte> frame, int width, int height)
    {
        (int columns, int rows) = (Side(width), Side(height));
        int luma = columns * rows, chroma = subsampled ? luma / 4 : luma, sample = bits > 8 ? 2 : 1;
        if (frame.Length != (luma + 2 * chroma) * sample)
            throw new BenchmarkException($"the decoded frame has {frame.Length} bytes, {columns}x{rows} takes {(luma + 2 * chroma) * sample}");
        double[] y = Read(frame[..(luma * sample)], 219, 16);
        double[] cb = Read(frame.Slice(luma * sample, chroma * sample), 224, 128), cr = Read(frame[((luma + chroma) * sample)..], 224, 128);
        if (subsampled) (cb, cr) = (Doubled(cb, columns / 2, rows / 2), Doubled(cr, columns / 2, rows / 2));
        byte[] rgb = new byte[3 * width * height];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int from = row * columns + column, to = 3 * (row * width + column);
                double r = y[from] + 2 * (1 - Red) * cr[from], b = y[from] + 2 * (1 - Blue) * cb[from];
                rgb[to] = Level(r);
                rgb[to + 1] = Level((y[from] - Red * r - Blue * b) / Green);
                rgb[to + 2] = Level(b);
            }
        }
        return new Picture(width, height, rgb);
    }

    private static byte Level(double value) => (byte)Math.Clamp(Math.Round(255 * value), 0, 255);

    private void Write(MemoryStream frame, double[] plane, double range, double offset)
    {
        int most = (1 << bits) - 1;
        foreach (double value in plane)
        {
            int level = (int)Math.Clamp(Math.Round((range * value + offset) * Unit), 0, most);
            frame.WriteByte((byte)level);
            if (bits > 8) frame.WriteByte((byte)(level >> 8));
        }
    }

    private double[] Read(ReadOnlySpan<byte> data, double range, double offset)
    {
        double[] plane = new double[bits > 8 ? data.Length / 2 : data.Length];
        for (int i = 0; i < plane.Length; i++)
            plane[i] = ((bits > 8 ? data[2 * i] | data[2 * i + 1] << 8 : data[i]) / Unit - offset) / range;
        return plane;
    }

    private static double[] Halved(double[] plane, int width, int height)
    {
        double[] half = new double[plane.Length / 4];
        for (int y = 0; y < height / 2; y++)
        {
            for (int x = 0; x < width / 2; x++)
            {
                int from = 2 * y * width + 2 * x;
                half[y * (width / 2) + x] = (plane[from] + plane[from + 1] + plane[from + width] + plane[from + width + 1]) / 4;
            }
        }
        return half;
    }

    // Samples of a half lie between those of the whole, so that each needs one of two mirrored sets of weights (Keys' cubic, a = -0.5).
    private static double[] Doubled(double[] half, int width, int height)
    {
        double[] wide = new double[2 * half.Length], whole = new double[4 * half.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                (wide[y * 2 * width + 2 * x], wide[y * 2 * width + 2 * x + 1]) = Between(half, y * width, 1, x, width);
        for (int x = 0; x < 2 * width; x++)
            for (int y = 0; y < height; y++)
                (whole[2 * y * 2 * width + x], whole[(2 * y + 1) * 2 * width + x]) = Between(wide, x, 2 * width, y, height);
        return whole;
    }

    private static (double Before, double After) Between(double[] values, int first, int step, int at, int count)
    {
        double At(int index) => values[first + Math.Clamp(index, 0, count - 1) * step];
        // Keys' weights at distances of 1.75, 0.75, 0.25 and 1.25 samples.
        const double Far = -0.0234375, Near = 0.2265625, Own = 0.8671875, Other = -0.0703125;
        return (Far * At(at - 2) + Near * At(at - 1) + Own * At(at) + Other * At(at + 1),
            Other * At(at - 1) + Own * At(at) + Near * At(at + 1) + Far * At(at + 2));
    }
}
