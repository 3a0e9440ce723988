namespace LlIcm.Quality;

/// <summary>
/// SSIM's window as a sum over rows: output = Σ_k Down[k] · (the picture's row k filtered with Across[Row[k]]).
/// </summary>
internal sealed class SsimWindow
{
    public const int Length = 11;
    private const double Sigma = 1.5;

    private SsimWindow(double[][] across, int[] row, double[] down) => (Across, Row, Down) = (across, row, down);

    /// <summary>The different horizontal filters: one for a separable window.</summary>
    public double[][] Across { get; }

    /// <summary>Which horizontal filter each row of the window takes.</summary>
    public int[] Row { get; }

    /// <summary>The weight of each row.</summary>
    public double[] Down { get; }

    /// <summary>The Gaussian, normalised in double precision.</summary>
    public static SsimWindow Exact { get; } = Separable(ExactTaps());

    /// <summary>The Gaussian as pytorch_msssim builds it: normalised in single precision.</summary>
    public static SsimWindow SinglePrecision { get; } = Separable(SinglePrecisionTaps());

    /// <summary>
    /// The Gaussian as IQA-PyTorch builds it: in two dimensions, each product rounded to single precision, after which
    /// it is no longer separable. It is symmetric, so that six of its eleven rows differ.
    /// </summary>
    public static SsimWindow RoundedProducts { get; } = Rounded(ExactTaps());

    /// <summary>pytorch_msssim leaves a dimension unfiltered that is shorter than the window.</summary>
    public SsimWindow For(int width, int height)
    {
        double[][] across = width < Length ? [[1]] : Across;
        return height < Length ? new SsimWindow(across, [0], [1]) : new SsimWindow(across, Row, Down);
    }

    private static SsimWindow Separable(double[] taps) => new([taps], new int[Length], taps);

    private static SsimWindow Rounded(double[] taps)
    {
        int half = Length / 2;
        double[][] rows = [.. taps[..(half + 1)].Select(t => taps.Select(u => (double)(float)(t * u)).ToArray())];
        int[] row = [.. Enumerable.Range(0, Length).Select(k => Math.Min(k, Length - 1 - k))];
        return new SsimWindow(rows, row, [.. row.Select(_ => 1.0)]);
    }

    private static double[] ExactTaps()
    {
        var taps = new double[Length];
        for (int i = 0; i < Length; i++)
        {
            double offset = i - Length / 2;
            taps[i] = Math.Exp(-offset * offset / (2 * Sigma * Sigma));
        }
        double sum = taps.Sum();
        return [.. taps.Select(tap => tap / sum)];
    }

    private static double[] SinglePrecisionTaps()
    {
        var taps = new float[Length];
        for (int i = 0; i < Length; i++)
        {
            float offset = i - Length / 2;
            taps[i] = (float)Math.Exp(-(offset * offset) / (float)(2 * Sigma * Sigma));
        }
        // Rounded once, as PyTorch's vectorised sum of them is; one bit more or less moves SSIM by 1e-5.
        float sum = (float)taps.Sum(tap => (double)tap);
        return [.. taps.Select(tap => (double)(tap / sum))];
    }
}
