using LlIcm.EntropyCoding;

namespace LlIcm.Tests.EntropyCoding;

/// <summary>Frequency tables and symbols for tests that need no fixture.</summary>
internal static class Distributions
{
    /// <summary>Two-sided geometric rows, from nearly deterministic to flat and wide.</summary>
    public static CdfTable Geometric(int rows)
    {
        var cdfs = new int[rows][];
        var offsets = new int[rows];
        for (int r = 0; r < rows; r++)
        {
            int half = 1 + (r * r);
            double decay = 1 - Math.Exp(-0.02 - (6.0 / (half + 1)));
            cdfs[r] = PmfToCdf.Quantise([.. Enumerable.Range(-half, (2 * half) + 1)
                .Select(v => (float)(decay * Math.Pow(1 - decay, Math.Abs(v)))), 1e-6f]);
            offsets[r] = -half;
        }

        int stride = cdfs.Max(c => c.Length);
        var flat = new int[rows * stride];
        for (int r = 0; r < rows; r++) cdfs[r].CopyTo(flat, r * stride);
        return new CdfTable(flat, stride, [.. cdfs.Select(c => c.Length)], offsets);
    }

    /// <summary>Symbols of random rows, mostly in range; about one in a hundred far outside.</summary>
    public static (int[] Symbols, int[] Indexes) Draw(CdfTable table, int count, int seed)
    {
        var random = new Random(seed);
        var symbols = new int[count];
        var indexes = new int[count];
        for (int i = 0; i < count; i++)
        {
            int row = indexes[i] = random.Next(2) == 0 ? 0 : random.Next(table.RowCount);
            double near = (random.NextDouble() + random.NextDouble() - 1) * table.MaxSymbol(row);
            symbols[i] = random.Next(100) == 0 ? random.Next(-100_000_000, 100_000_000) : (int)Math.Round(near);
        }

        return (symbols, indexes);
    }

    public static byte[] Encode(int[] symbols, int[] indexes, CdfTable table)
    {
        var encoder = new RansEncoder();
        encoder.Push(symbols, indexes, table);
        return encoder.Finish();
    }
}
