using LlIcm.Imaging;

namespace LlIcm.Quality;

public static partial class FullReference
{
    /// <summary>
    /// Both sides must be longer than this for MS-SSIM: after four halvings a whole window must remain.
    /// </summary>
    public const int MsSsimMinimalSide = (SsimWindow.Length - 1) * 16;

    /// <summary>The exponents of the five scales (Wang, Simoncelli, Bovik 2003).</summary>
    internal static readonly double[] ScaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

    /// <summary>
    /// Structural similarity (Wang et al. 2004), 1 for equal pictures, can be negative for <see
    /// cref="SsimConvention.Rgb"/>.
    /// </summary>
    /// <exception cref="QualityException">
    /// The sizes differ; or a side is shorter than the window in a convention that refuses this.
    /// </exception>
    public static double Ssim(Picture reference, Picture distorted, SsimConvention convention = SsimConvention.Rgb)
    {
        RequireSameSize(reference, distorted);
        int shorter = Math.Min(reference.Width, reference.Height);
        if (shorter < SsimWindow.Length && convention != SsimConvention.Rgb && convention != SsimConvention.RgbExact)
            throw new QualityException(
                $"SSIM ({convention}) takes sides of at least {SsimWindow.Length} pixels, not {shorter}");
        (SsimWindow window, bool clamp) = Settings(convention);
        double total = 0;
        SsimPlanes[] planes = SsimPlanes.From(reference, distorted, convention);
        foreach (SsimPlanes plane in planes) total += plane.Measure(window, clamp).Ssim;
        return total / planes.Length;
    }

    /// <summary>Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003) over five scales: 0 – 1.</summary>
    /// <exception cref="QualityException">The sizes differ; or a side is not longer than 160 pixels.</exception>
    public static double MsSsim(Picture reference, Picture distorted, SsimConvention convention = SsimConvention.Rgb)
    {
        RequireSameSize(reference, distorted);
        RequireMsSsimSize(reference.Width, reference.Height);
        (SsimWindow window, bool clamp) = Settings(convention);
        SsimPlanes[] planes = SsimPlanes.From(reference, distorted, convention);
        // pytorch_msssim multiplies each channel's scales, IQA-PyTorch averages the channels at each scale first.
        bool averageFirst = convention is SsimConvention.PyIqaLuma or SsimConvention.PyIqaRgb;
        double[] product = new double[averageFirst ? 1 : planes.Length];
        Array.Fill(product, 1);
        for (int scale = 0; scale < ScaleWeights.Length; scale++)
        {
            bool last = scale == ScaleWeights.Length - 1;
            var terms = new double[planes.Length];
            for (int i = 0; i < planes.Length; i++)
            {
                (double ssim, double contrast) = planes[i].Measure(window, clamp);
                terms[i] = last ? ssim : contrast;
                if (!last) planes[i] = planes[i].Halve();
            }
            if (averageFirst) terms = [terms.Average()];
            for (int i = 0; i < product.Length; i++)
                product[i] *= Math.Pow(Math.Max(terms[i], 0), ScaleWeights[scale]);
        }
        return product.Average();
    }

    /// <summary>-10·log10(1 - value) in dB, the scale on which MS-SSIM curves are drawn; +∞ for 1.</summary>
    public static double MsSsimDecibels(double msSsim) => -10 * Math.Log10(1 - msSsim);

    private static void RequireMsSsimSize(long width, long height)
    {
        if (Math.Min(width, height) <= MsSsimMinimalSide)
            throw new QualityException(
                $"MS-SSIM takes sides longer than {MsSsimMinimalSide} pixels, the picture has {width}x{height}");
    }

    private static (SsimWindow Window, bool Clamp) Settings(SsimConvention convention) => convention switch
    {
        SsimConvention.Rgb => (SsimWindow.SinglePrecision, false),
        SsimConvention.RgbExact or SsimConvention.LumaExact => (SsimWindow.Exact, false),
        _ => (SsimWindow.RoundedProducts, true),
    };
}
