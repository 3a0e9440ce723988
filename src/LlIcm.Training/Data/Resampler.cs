using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Cuts and scales pictures with an antialiasing Lanczos filter of three lobes.</summary>
public static class Resampler
{
    private const int Lobes = 3;

    /// <summary>Cuts a rectangle and scales it.</summary>
    /// <param name="picture">Where to cut.</param>
    /// <param name="left">Left edge of the rectangle.</param>
    /// <param name="top">Top edge.</param>
    /// <param name="width">Width of the rectangle, in pixels of the picture.</param>
    /// <param name="height">Its height.</param>
    /// <param name="toWidth">Width of the result.</param>
    /// <param name="toHeight">Height of the result.</param>
    /// <returns>The part in 0–1, 8-bit levels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or leaves the picture, or the result is
    /// empty.</exception>
    public static PlanarImage Crop(
        Picture picture, int left, int top, int width, int height, int toWidth, int toHeight)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, picture.Width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, picture.Height - top);
        PlanarImage result = new(toWidth, toHeight);
        if (width == toWidth && height == toHeight)
        {
            Cut(picture, left, top, result);
            return result;
        }

        // Rows first: whole rows vectorise, and fewer are left for the columns.
        float[] rows = new float[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = picture.Rgb.AsSpan(3 * ((top + y) * picture.Width + left), 3 * width);
            Span<float> to = rows.AsSpan(3 * width * y, 3 * width);
            for (int i = 0; i < to.Length; i++) to[i] = from[i] * (1f / 255f);
        }
        Filter down = new(height, toHeight), across = new(width, toWidth);
        float[] row = new float[3 * width];
        for (int y = 0; y < toHeight; y++)
        {
            Array.Clear(row);
            for (int tap = 0; tap < down.Taps; tap++)
            {
                ReadOnlySpan<float> from = rows.AsSpan(3 * width * (down.First[y] + tap), 3 * width);
                Field.Add(row, from, down.Weights[y * down.Taps + tap]);
            }
            for (int x = 0; x < toWidth; x++)
            {
                float r = 0f, g = 0f, b = 0f;
                int i = 3 * across.First[x];
                for (int tap = 0; tap < across.Taps; tap++, i += 3)
                {
                    float weight = across.Weights[x * across.Taps + tap];
                    r += weight * row[i];
                    g += weight * row[i + 1];
                    b += weight * row[i + 2];
                }
                int o = y * toWidth + x;
                result.Pixels[o] = r;
                result.Pixels[result.PlaneSize + o] = g;
                result.Pixels[2 * result.PlaneSize + o] = b;
            }
        }
        return result.Quantise();
    }

    private static void Cut(Picture picture, int left, int top, PlanarImage result)
    {
        Span<float> r = result.Plane(0), g = result.Plane(1), b = result.Plane(2);
        for (int y = 0; y < result.Height; y++)
        {
            ReadOnlySpan<byte> from = picture.Rgb.AsSpan(3 * ((top + y) * picture.Width + left), 3 * result.Width);
            int o = y * result.Width;
            for (int x = 0; x < result.Width; x++)
            {
                r[o + x] = from[3 * x] * (1f / 255f);
                g[o + x] = from[3 * x + 1] * (1f / 255f);
                b[o + x] = from[3 * x + 2] * (1f / 255f);
            }
        }
    }

    // Weights of one direction: the same number of taps for each output, all inside the input.
    private sealed class Filter
    {
        public Filter(int from, int to)
        {
            double scale = (double)from / to, stretch = Math.Max(1.0, scale);
            Taps = Math.Min(from, (int)Math.Ceiling(2 * Lobes * stretch) + 1);
            First = new int[to];
            Weights = new float[to * Taps];
            for (int i = 0; i < to; i++)
            {
                double centre = (i + 0.5) * scale - 0.5;
                First[i] = Math.Clamp((int)Math.Ceiling(centre - Lobes * stretch), 0, from - Taps);
                Span<float> weights = Weights.AsSpan(i * Taps, Taps);
                double sum = 0;
                for (int tap = 0; tap < Taps; tap++)
                {
                    double weight = Kernel((First[i] + tap - centre) / stretch);
                    weights[tap] = (float)weight;
                    sum += weight;
                }
                for (int tap = 0; tap < Taps; tap++) weights[tap] /= (float)sum;
            }
        }

        public int Taps { get; }

        public int[] First { get; }

        public float[] Weights { get; }

        private static double Kernel(double x)
        {
            if (Math.Abs(x) >= Lobes) return 0;
            if (Math.Abs(x) < 1e-9) return 1;
            double angle = Math.PI * x;
            return Lobes * Math.Sin(angle) * Math.Sin(angle / Lobes) / (angle * angle);
        }
    }
}
