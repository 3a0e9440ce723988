namespace LlIcm.Container;

/// <summary>How a row is predicted; the values are those in the file.</summary>
internal enum AlphaFilter : byte
{
    None = 0,
    Left = 1,
    Up = 2,
    Median = 3,
}

/// <summary>Row filters of the alpha plane, modulo 256. What lies outside the plane counts as 0.</summary>
internal static class AlphaFilters
{
    public static void Apply(AlphaFilter filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> output)
    {
        int left = 0;
        int corner = 0;
        for (int x = 0; x < row.Length; x++)
        {
            output[x] = (byte)(row[x] - Predict(filter, left, above[x], corner));
            (left, corner) = (row[x], above[x]);
        }
    }

    public static void Undo(AlphaFilter filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        if (filter == AlphaFilter.None) return;
        int left = 0;
        int corner = 0;
        for (int x = 0; x < row.Length; x++)
        {
            left = row[x] = (byte)(row[x] + Predict(filter, left, above[x], corner));
            corner = above[x];
        }
    }

    /// <summary>The sum of the residuals' absolute values: PNG's rule for choosing a filter.</summary>
    public static long Magnitude(ReadOnlySpan<byte> residuals)
    {
        long sum = 0;
        foreach (byte residual in residuals) sum += Math.Abs((int)(sbyte)residual);
        return sum;
    }

    private static int Predict(AlphaFilter filter, int left, int up, int corner) => filter switch
    {
        AlphaFilter.None => 0,
        AlphaFilter.Left => left,
        AlphaFilter.Up => up,
        _ when corner >= Math.Max(left, up) => Math.Min(left, up),
        _ when corner <= Math.Min(left, up) => Math.Max(left, up),
        _ => left + up - corner,
    };
}
