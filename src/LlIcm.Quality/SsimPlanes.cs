using System.Numerics;
using System.Runtime.InteropServices;
using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>One channel of two pictures, and SSIM's statistics on it.</summary>
/// <remarks>
/// Single precision is exact here: 8-bit integers, and after n halvings multiples of 4^-n. The filter runs in double
/// precision, on bands of rows in parallel; each band keeps eleven filtered rows, so that little more memory is needed
/// than the planes themselves take (4 bytes a sample).
/// </remarks>
internal sealed class SsimPlanes
{
    private const double C1 = 0.01 * 255 * 0.01 * 255, C2 = 0.03 * 255 * 0.03 * 255;
    private const int BandRows = 64;

    private readonly float[] _a, _b;
    private readonly int _width, _height;

    private SsimPlanes(float[] a, float[] b, int width, int height) =>
        (_a, _b, _width, _height) = (a, b, width, height);

    /// <summary>The channels that the convention looks at: three, or luma.</summary>
    public static SsimPlanes[] From(Picture a, Picture b, SsimConvention convention)
    {
        bool luma = convention is SsimConvention.LumaExact or SsimConvention.PyIqaLuma;
        bool single = convention == SsimConvention.PyIqaLuma;
        return luma
            ? [new SsimPlanes(RoundedLuma(a, single), RoundedLuma(b, single), a.Width, a.Height)]
            : [.. Enumerable.Range(0, 3).Select(c => new SsimPlanes(Channel(a, c), Channel(b, c), a.Width, a.Height))];
    }

    /// <summary>
    /// Averaged 2×2 as <c>avg_pool2d(2, padding=(H%2, W%2))</c> does it: an odd side is padded with zeros in front, and
    /// they count.
    /// </summary>
    public SsimPlanes Halve() =>
        new(Halve(_a, _width, _height), Halve(_b, _width, _height), (_width + 1) / 2, (_height + 1) / 2);

    /// <summary>The means over all windows of SSIM and of its contrast–structure term.</summary>
    /// <param name="window">The window.</param>
    /// <param name="clamp">Whether the contrast–structure term is clamped at 0 in every window.</param>
    public (double Ssim, double Contrast) Measure(SsimWindow window, bool clamp)
    {
        window = window.For(_width, _height);
        int columns = _width - window.Across[0].Length + 1, rows = _height - window.Down.Length + 1;
        var sums = new (double Ssim, double Contrast)[rows];
        int bands = (rows + BandRows - 1) / BandRows;
        Parallel.For(0, bands, band =>
        {
            int first = band * BandRows;
            MeasureRows(first, Math.Min(BandRows, rows - first), columns, window, clamp, sums);
        });
        double ssim = 0, contrast = 0;
        // In a fixed order, so that the number of threads cannot change the result.
        foreach ((double s, double c) in sums) (ssim, contrast) = (ssim + s, contrast + c);
        double count = (double)rows * columns;
        return (ssim / count, contrast / count);
    }

    private void MeasureRows(
        int first, int rows, int columns, SsimWindow window, bool clamp, (double, double)[] sums)
    {
        int lanes = Vector<double>.Count;
        int padded = (columns + lanes - 1) / lanes * lanes;
        int taps = window.Down.Length, filters = window.Across.Length;
        // Four statistics: E[a], E[b], E[a² + b²] (their variances are only needed as a sum), E[ab].
        var products = new double[4 * (padded + SsimWindow.Length)];
        var ring = new double[taps * filters * 4 * padded];
        for (int row = first; row < first + rows + taps - 1; row++)
        {
            Multiply(row, products, padded + SsimWindow.Length);
            for (int f = 0; f < filters; f++)
                Filter(products, window.Across[f], ring.AsSpan((row % taps * filters + f) * 4 * padded), padded);
            int output = row - taps + 1;
            if (output >= first) sums[output] = Combine(ring, output, columns, padded, window, clamp);
        }
    }

    private void Multiply(int row, double[] products, int stride)
    {
        Span<double> a = products.AsSpan(0, stride), b = products.AsSpan(stride, stride);
        Span<double> squares = products.AsSpan(2 * stride, stride), cross = products.AsSpan(3 * stride, stride);
        ReadOnlySpan<float> rowA = _a.AsSpan(row * _width, _width), rowB = _b.AsSpan(row * _width, _width);
        for (int x = 0; x < rowA.Length; x++)
        {
            double u = rowA[x], v = rowB[x];
            a[x] = u;
            b[x] = v;
            squares[x] = u * u + v * v;
            cross[x] = u * v;
        }
    }

    private static void Filter(double[] products, double[] taps, Span<double> filtered, int padded)
    {
        for (int kind = 0; kind < 4; kind++)
        {
            ref double source = ref products[kind * (padded + SsimWindow.Length)];
            ref double target = ref filtered[kind * padded];
            for (int x = 0; x < padded; x += Vector<double>.Count)
            {
                Vector<double> sum = Vector<double>.Zero;
                for (int k = 0; k < taps.Length; k++)
                    sum = Vector.FusedMultiplyAdd(
                        new Vector<double>(taps[k]), Vector.LoadUnsafe(ref source, (nuint)(x + k)), sum);
                sum.StoreUnsafe(ref target, (nuint)x);
            }
        }
    }

    private static (double Ssim, double Contrast) Combine(
        double[] ring, int row, int columns, int padded, SsimWindow window, bool clamp)
    {
        int taps = window.Down.Length, filters = window.Across.Length;
        Span<int> starts = stackalloc int[taps];
        for (int k = 0; k < taps; k++) starts[k] = ((row + k) % taps * filters + window.Row[k]) * 4 * padded;
        Vector<double> two = new(2), c1 = new(C1), c2 = new(C2), ssimSum = default, contrastSum = default;
        ref double start = ref MemoryMarshal.GetArrayDataReference(ring);
        for (int x = 0; x < padded; x += Vector<double>.Count)
        {
            Vector<double> meanA = default, meanB = default, squares = default, cross = default;
            for (int k = 0; k < taps; k++)
            {
                nuint at = (nuint)(starts[k] + x);
                var tap = new Vector<double>(window.Down[k]);
                meanA = Vector.FusedMultiplyAdd(tap, Vector.LoadUnsafe(ref start, at), meanA);
                meanB = Vector.FusedMultiplyAdd(tap, Vector.LoadUnsafe(ref start, at + (nuint)padded), meanB);
                squares = Vector.FusedMultiplyAdd(tap, Vector.LoadUnsafe(ref start, at + (nuint)(2 * padded)), squares);
                cross = Vector.FusedMultiplyAdd(tap, Vector.LoadUnsafe(ref start, at + (nuint)(3 * padded)), cross);
            }
            Vector<double> product = meanA * meanB, energy = meanA * meanA + meanB * meanB;
            Vector<double> contrast = (two * (cross - product) + c2) / (squares - energy + c2);
            if (clamp) contrast = Vector.Max(contrast, Vector<double>.Zero);
            Vector<double> ssim = (two * product + c1) / (energy + c1) * contrast;
            if (x + Vector<double>.Count > columns)
            {
                Vector<long> inside = Vector.LessThan(Vector<long>.Indices, new Vector<long>(columns - x));
                contrast = Vector.ConditionalSelect(inside, contrast, Vector<double>.Zero);
                ssim = Vector.ConditionalSelect(inside, ssim, Vector<double>.Zero);
            }
            ssimSum += ssim;
            contrastSum += contrast;
        }
        return (Vector.Sum(ssimSum), Vector.Sum(contrastSum));
    }

    private static float[] Halve(float[] plane, int width, int height)
    {
        int columns = (width + 1) / 2, rows = (height + 1) / 2, padX = width % 2, padY = height % 2;
        var halved = new float[columns * rows];
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
            {
                int left = 2 * x - padX, top = 2 * y - padY;
                float sum = 0;
                for (int dy = 0; dy < 2; dy++)
                    for (int dx = 0; dx < 2; dx++)
                        if (top + dy >= 0 && left + dx >= 0) sum += plane[(top + dy) * width + left + dx];
                halved[y * columns + x] = sum / 4;
            }
        return halved;
    }

    private static float[] Channel(Picture picture, int channel)
    {
        var plane = new float[picture.Width * picture.Height];
        for (int i = 0; i < plane.Length; i++) plane[i] = picture.Rgb[3 * i + channel];
        return plane;
    }

    private static float[] RoundedLuma(Picture picture, bool singlePrecision)
    {
        var plane = new float[picture.Width * picture.Height];
        byte[] rgb = picture.Rgb;
        for (int i = 0; i < plane.Length; i++)
        {
            (byte r, byte g, byte b) = (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
            plane[i] = singlePrecision ? MathF.Round(255 * Luma.Unit(r, g, b)) : (float)Math.Round(Luma.Full(r, g, b));
        }
        return plane;
    }
}
