using LlIcm.EntropyCoding;
using MathNet.Numerics;

namespace LlIcm.Benchmarks;

/// <summary>
/// rANS throughput on one core: Gaussian symbols, 64 scales from 0.11 to 256, half of the symbols at the smallest
/// scale as in real latents, the rest spread towards small scales.
/// </summary>
internal static class RansBenchmark
{
    private const int Scales = 64;
    private const int Count = 1 << 22;

    public static void Run()
    {
        double[] scales = [.. Enumerable.Range(0, Scales)
            .Select(i => Math.Exp(Math.Log(0.11) + (i * (Math.Log(256) - Math.Log(0.11)) / (Scales - 1))))];
        CdfTable table = GaussianTable(scales);

        Console.WriteLine($"rANS, {Count / 1e6:0.0} M symbols, one core, median of 11 runs");
        Console.WriteLine("rows                       bits/symbol   encode M/s   decode M/s");
        Measure("shuffled", table, scales, runLength: 1, check: false);
        Measure("runs of 1024 (channels)", table, scales, runLength: 1024, check: false);
        Measure("the same, symbols checked", table, scales, runLength: 1024, check: true);
    }

    private static void Measure(string name, CdfTable table, double[] scales, int runLength, bool check)
    {
        (int[] symbols, int[] indexes) = Draw(scales, runLength);
        byte[] stream = [];
        double encode = Timing.Median(() =>
        {
            var encoder = new RansEncoder(check);
            encoder.Push(symbols, indexes, table);
            stream = encoder.Finish();
        });

        var decoded = new int[Count];
        double decode = Timing.Median(() =>
        {
            var decoder = new RansDecoder(stream, check);
            decoder.Pop(decoded, indexes, table);
            decoder.EnsureFinished();
        });

        if (!symbols.AsSpan().SequenceEqual(decoded)) throw new InvalidOperationException("decoded other symbols");
        double bits = 8.0 * stream.Length / Count;
        Console.WriteLine($"{name,-26} {bits,11:0.000} {Count / encode / 1e6,12:0} {Count / decode / 1e6,12:0}");
    }

    private static (int[] Symbols, int[] Indexes) Draw(double[] scales, int runLength)
    {
        var random = new Random(1);
        var symbols = new int[Count];
        var indexes = new int[Count];
        int row = 0;
        for (int i = 0; i < Count; i++)
        {
            if (i % runLength == 0)
                row = random.Next(2) == 0 ? 0 : Math.Min(Scales - 1, 1 + (int)Math.Abs(14 * Normal(random)));
            indexes[i] = row;
            symbols[i] = (int)Math.Round(scales[row] * Normal(random));
        }

        return (symbols, indexes);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());

    private static CdfTable GaussianTable(double[] scales)
    {
        int[][] rows = new int[scales.Length][];
        int[] offsets = new int[scales.Length];
        for (int r = 0; r < rows.Length; r++)
        {
            int half = (int)Math.Ceiling(scales[r] * 6.109410204869);
            var pmf = new float[(2 * half) + 2];
            for (int v = -half; v <= half; v++)
                pmf[v + half] = (float)(Below(v + 0.5, scales[r]) - Below(v - 0.5, scales[r]));
            pmf[^1] = (float)(2 * Below(-half - 0.5, scales[r]));
            rows[r] = PmfToCdf.Quantise(pmf);
            offsets[r] = -half;
        }

        int stride = rows.Max(r => r.Length);
        var flat = new int[stride * rows.Length];
        for (int r = 0; r < rows.Length; r++) rows[r].CopyTo(flat, r * stride);
        return new CdfTable(flat, stride, [.. rows.Select(r => r.Length)], offsets);
    }

    private static double Below(double value, double scale) =>
        0.5 * SpecialFunctions.Erfc(-value / (scale * Math.Sqrt(2)));
}
