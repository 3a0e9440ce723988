namespace LlIcm.EntropyCoding;

/// <summary>
/// Turns probabilities into the coder's integer cumulative frequencies, number for number as
/// <c>pmf_to_quantized_cdf</c> of CompressAI.
/// </summary>
public static class PmfToCdf
{
    /// <summary>
    /// Scales the probabilities to a sum of 65536 and makes sure that each keeps at least one count, taken from the
    /// rarest entry that can spare it.
    /// </summary>
    /// <param name="pmf">Probabilities ≥ 0 (they need not sum to 1), the escape's last; 1 … 65536 entries.</param>
    /// <returns>One entry more than <paramref name="pmf"/>, rising strictly from 0 to 65536.</returns>
    /// <exception cref="EntropyCodingException">An entry is negative or not finite, or they are all zero.</exception>
    public static int[] Quantise(ReadOnlySpan<float> pmf)
    {
        if (pmf.Length is 0 or > Rans.Total)
            throw new EntropyCodingException($"{pmf.Length} probabilities cannot share {Rans.Total} counts");

        int[] widths = Widths(pmf);
        SpreadToZeros(widths);
        var cdf = new int[widths.Length + 1];
        for (int i = 0; i < widths.Length; i++) cdf[i + 1] = cdf[i] + widths[i];
        return cdf;
    }

    private static int[] Widths(ReadOnlySpan<float> pmf)
    {
        var counts = new long[pmf.Length];
        long total = 0;
        for (int i = 0; i < pmf.Length; i++)
        {
            if (!(pmf[i] >= 0 && pmf[i] < 1 << 15))
                throw new EntropyCodingException($"entry {i} of a probability table is {pmf[i]}");
            // A product with a power of two is exact, so rounding in float or double is the same.
            counts[i] = (long)MathF.Round(pmf[i] * Rans.Total, MidpointRounding.AwayFromZero);
            total += counts[i];
        }

        if (total == 0) throw new EntropyCodingException("a probability table is zero everywhere");

        var widths = new int[pmf.Length];
        int sum = 0;
        for (int i = 0; i < widths.Length; i++) sum += widths[i] = (int)(Rans.Total * counts[i] / total);
        widths[^1] += Rans.Total - sum; // Truncation leaves a rest ≥ 0, which falls to the last entry.
        return widths;
    }

    /// <summary>
    /// Each zero, in order, takes one count from the narrowest entry wider than 1 (the first on ties).
    /// </summary>
    private static void SpreadToZeros(int[] widths)
    {
        int donor = -1;
        for (int i = 0; i < widths.Length; i++)
        {
            if (widths[i] != 0) continue;
            // A donor stays the narrowest until it is down to 1.
            if (donor < 0 || widths[donor] == 1)
            {
                donor = -1;
                for (int j = 0; j < widths.Length; j++)
                {
                    if (widths[j] > 1 && (donor < 0 || widths[j] < widths[donor])) donor = j;
                }
            }

            widths[donor]--; // There is one: fewer than 2^16 entries > 0 sum to 2^16.
            widths[i] = 1;
        }
    }
}
