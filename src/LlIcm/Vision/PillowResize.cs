using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlIcm.Vision;

/// <summary>
/// Resizes 8-bit RGB pictures exactly as Pillow does (<c>Image.resize</c>, src/libImaging/Resample.c), because the
/// published vision models have seen only pictures resized that way: antialiased, two passes in 22-bit fixed point,
/// rounded to 8 bits in between.
/// </summary>
public static class PillowResize
{
    private const int Channels = 3;
    private const int PrecisionBits = 22;
    private const int Half = 1 << (PrecisionBits - 1);

    /// <summary>Resizes with the bicubic filter.</summary>
    /// <param name="rgb">Interleaved RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="outWidth">Width wanted.</param>
    /// <param name="outHeight">Height wanted.</param>
    /// <returns>Interleaved RGB <c>[outHeight, outWidth, 3]</c>.</returns>
    /// <exception cref="ArgumentException">A size is not positive or does not fit the picture.</exception>
    public static byte[] Bicubic(ReadOnlySpan<byte> rgb, int width, int height, int outWidth, int outHeight) =>
        Resize(rgb, width, height, outWidth, outHeight, PillowFilter.Bicubic);

    /// <summary>Resizes with any filter.</summary>
    /// <param name="rgb">Interleaved RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="outWidth">Width wanted.</param>
    /// <param name="outHeight">Height wanted.</param>
    /// <param name="filter">Interpolation filter.</param>
    /// <returns>Interleaved RGB <c>[outHeight, outWidth, 3]</c>.</returns>
    /// <exception cref="ArgumentException">A size is not positive or does not fit the picture.</exception>
    public static byte[] Resize(
        ReadOnlySpan<byte> rgb, int width, int height, int outWidth, int outHeight, PillowFilter filter) =>
        ResizeAndCrop(rgb, width, height, outWidth, outHeight, 0, 0, outWidth, outHeight, filter);

    /// <summary>The same as resizing to outWidth × outHeight and cropping, but computes only what is kept.</summary>
    /// <param name="rgb">Interleaved RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="outWidth">Width of the whole resized picture.</param>
    /// <param name="outHeight">Height of the whole resized picture.</param>
    /// <param name="left">First column kept.</param>
    /// <param name="top">First row kept.</param>
    /// <param name="cropWidth">Columns kept.</param>
    /// <param name="cropHeight">Rows kept.</param>
    /// <param name="filter">Interpolation filter.</param>
    /// <returns>Interleaved RGB <c>[cropHeight, cropWidth, 3]</c>.</returns>
    /// <exception cref="ArgumentException">A size is not positive or does not fit the picture.</exception>
    public static byte[] ResizeAndCrop(
        ReadOnlySpan<byte> rgb, int width, int height, int outWidth, int outHeight,
        int left, int top, int cropWidth, int cropHeight, PillowFilter filter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outHeight);
        if (rgb.Length != (long)width * height * Channels)
            throw new ArgumentException($"{rgb.Length} bytes are no {width}×{height} RGB picture", nameof(rgb));
        if (left < 0 || top < 0 || cropWidth <= 0 || cropHeight <= 0
            || left > outWidth - cropWidth || top > outHeight - cropHeight)
            throw new ArgumentException("the crop lies outside the resized picture", nameof(cropWidth));

        // A pass that does not change the size is left out, as in Pillow: it would only copy.
        Taps rows = outHeight == height
            ? Taps.Identity(top, cropHeight)
            : Taps.Of(height, outHeight, top, cropHeight, filter);
        Taps columns = outWidth == width
            ? Taps.Identity(left, cropWidth)
            : Taps.Of(width, outWidth, left, cropWidth, filter);

        // Only the rows that the second pass will look at go through the first.
        int firstRow = rows.First[0], lastRow = rows.First[^1] + rows.Count[^1];
        int stride = cropWidth * Channels;
        var narrow = new byte[(lastRow - firstRow) * (long)stride];
        for (int y = firstRow; y < lastRow; y++)
        {
            ReadOnlySpan<byte> line = rgb.Slice(y * width * Channels, width * Channels);
            Horizontal(line, narrow.AsSpan((y - firstRow) * stride, stride), columns);
        }
        if (rows.IsIdentity) return narrow;

        var result = new byte[cropHeight * (long)stride];
        for (int y = 0; y < cropHeight; y++)
        {
            ReadOnlySpan<byte> window = narrow.AsSpan((rows.First[y] - firstRow) * stride);
            Vertical(window, result.AsSpan(y * stride, stride), rows.Weights(y));
        }
        return result;
    }

    private static void Horizontal(ReadOnlySpan<byte> line, Span<byte> result, Taps taps)
    {
        if (taps.IsIdentity)
        {
            line.Slice(taps.First[0] * Channels, result.Length).CopyTo(result);
            return;
        }
        for (int x = 0; x < taps.First.Length; x++)
        {
            ReadOnlySpan<int> weights = taps.Weights(x);
            ReadOnlySpan<byte> pixels = line.Slice(taps.First[x] * Channels, weights.Length * Channels);
            Vector128<int> sum = Vector128.Create(Half);
            // A pixel is read together with one byte of the next; the last one of the window is put together.
            for (int i = 0; i < weights.Length - 1; i++)
                sum += Widen(MemoryMarshal.Read<uint>(pixels[(i * Channels)..])) * weights[i];
            ReadOnlySpan<byte> last = pixels[^Channels..];
            sum += Widen(last[0] | (uint)last[1] << 8 | (uint)last[2] << 16) * weights[^1];
            for (int c = 0; c < Channels; c++) result[x * Channels + c] = Clip(sum[c]);
        }
    }

    private static Vector128<int> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte())).AsInt32();

    private static void Vertical(ReadOnlySpan<byte> window, Span<byte> result, ReadOnlySpan<int> weights)
    {
        int stride = result.Length, x = 0;
        for (; x <= stride - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            Vector128<int> a = Vector128.Create(Half), b = a, c = a, d = a;
            for (int i = 0; i < weights.Length; i++)
            {
                (Vector128<ushort> low, Vector128<ushort> high) =
                    Vector128.Widen(Vector128.Create(window.Slice(i * stride + x, Vector128<byte>.Count)));
                (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(low);
                (Vector128<uint> third, Vector128<uint> fourth) = Vector128.Widen(high);
                Vector128<int> weight = Vector128.Create(weights[i]);
                a += first.AsInt32() * weight;
                b += second.AsInt32() * weight;
                c += third.AsInt32() * weight;
                d += fourth.AsInt32() * weight;
            }
            Vector128.Narrow(
                Vector128.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector128.Narrow(Clip(c), Clip(d)).AsUInt16())
                .CopyTo(result[x..]);
        }
        for (; x < stride; x++)
        {
            int sum = Half;
            for (int i = 0; i < weights.Length; i++) sum += window[i * stride + x] * weights[i];
            result[x] = Clip(sum);
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    private static Vector128<int> Clip(Vector128<int> sum) =>
        Vector128.Clamp(sum >> PrecisionBits, Vector128<int>.Zero, Vector128.Create(255));

    /// <summary>
    /// For each output position of one dimension: the first source position and the weights from there.
    /// </summary>
    private sealed class Taps
    {
        private readonly int[] _weights;
        private readonly int _room;

        private Taps(int count, int room)
        {
            First = new int[count];
            Count = new int[count];
            _room = room;
            _weights = new int[count * (long)room];
        }

        public int[] First { get; }

        public int[] Count { get; }

        public bool IsIdentity { get; private init; }

        public static Taps Identity(int start, int count)
        {
            var taps = new Taps(count, 0) { IsIdentity = true };
            for (int i = 0; i < count; i++) (taps.First[i], taps.Count[i]) = (start + i, 1);
            return taps;
        }

        public static Taps Of(int size, int outSize, int start, int count, PillowFilter filter)
        {
            double scale = (double)size / outSize, filterScale = Math.Max(scale, 1.0);
            double support = Support(filter) * filterScale, step = 1.0 / filterScale;
            var taps = new Taps(count, Math.Min(size, (int)Math.Ceiling(support) * 2 + 1));
            var weights = new double[taps._room];
            for (int i = 0; i < count; i++)
            {
                double center = (start + i + 0.5) * scale;
                int first = Math.Max(0, (int)(center - support + 0.5));
                int taken = Math.Min(size, (int)(center + support + 0.5)) - first;
                double total = 0;
                for (int j = 0; j < taken; j++) total += weights[j] = Weight(filter, (j + first - center + 0.5) * step);
                for (int j = 0; j < taken; j++)
                {
                    double fixedPoint = (total != 0 ? weights[j] / total : weights[j]) * (1 << PrecisionBits);
                    taps._weights[i * taps._room + j] = (int)(fixedPoint < 0 ? fixedPoint - 0.5 : fixedPoint + 0.5);
                }
                (taps.First[i], taps.Count[i]) = (first, taken);
            }
            return taps;
        }

        public ReadOnlySpan<int> Weights(int i) => _weights.AsSpan(i * _room, Count[i]);

        private static double Support(PillowFilter filter) => filter switch
        {
            PillowFilter.Bilinear => 1,
            PillowFilter.Bicubic => 2,
            PillowFilter.Lanczos => 3,
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "unknown filter"),
        };

        private static double Weight(PillowFilter filter, double x) => filter switch
        {
            PillowFilter.Bilinear => Math.Max(0, 1 - Math.Abs(x)),
            PillowFilter.Bicubic => Cubic(Math.Abs(x)),
            _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        };

        // Operations in Pillow's order: the last bit counts.
        private static double Cubic(double x)
        {
            const double a = -0.5;
            if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
        }

        private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
    }
}
