using LlIcm.Imaging;

namespace LlIcm.Quality;

public static partial class FullReference
{
    /// <summary>The highest 8-bit value.</summary>
    private const double Peak = 255;

    // IQA-PyTorch adds it to the error of values in [0, 1].
    private const double PyIqaEpsilon = 1e-8;

    /// <summary>Mean squared difference of the 8-bit R, G and B values: 0 – 65025.</summary>
    /// <exception cref="QualityException">The sizes differ.</exception>
    public static double MeanSquaredError(Picture reference, Picture distorted)
    {
        RequireSameSize(reference, distorted);
        long total = 0;
        foreach (long sum in SquaredErrors(reference.Rgb, distorted.Rgb)) total += sum;
        return total / (double)reference.Rgb.Length;
    }

    /// <summary>Peak signal-to-noise ratio in dB; +∞ for equal pictures (80 in the IQA-PyTorch conventions).</summary>
    /// <exception cref="QualityException">The sizes differ.</exception>
    public static double Psnr(Picture reference, Picture distorted, PsnrConvention convention = PsnrConvention.Rgb)
    {
        RequireSameSize(reference, distorted);
        switch (convention)
        {
            case PsnrConvention.Rgb:
                return PsnrOfError(MeanSquaredError(reference, distorted));
            case PsnrConvention.PyIqaRgb:
                return PyIqaPsnr(MeanSquaredError(reference, distorted));
            case PsnrConvention.RgbChannelMean:
                double pixels = (double)reference.Width * reference.Height;
                return SquaredErrors(reference.Rgb, distorted.Rgb).Average(sum => PsnrOfError(sum / pixels));
            default:
                double error = LumaError(reference.Rgb, distorted.Rgb, convention);
                return convention == PsnrConvention.PyIqaLuma ? PyIqaPsnr(error) : PsnrOfError(error);
        }
    }

    /// <summary>
    /// PSNR in dB of a mean squared error of 8-bit values. For several pictures, the PSNR of the mean error and the
    /// mean of the PSNRs are different numbers (the second is never smaller): codec tables print the second.
    /// </summary>
    public static double PsnrOfError(double meanSquaredError) =>
        20 * Math.Log10(Peak) - 10 * Math.Log10(meanSquaredError);

    /// <summary>The PSNR in dB of the mean of the pictures' squared errors; each picture counts the same.</summary>
    /// <exception cref="InvalidOperationException">There is no picture.</exception>
    public static double PsnrOfMeanError(IEnumerable<double> meanSquaredErrors) =>
        PsnrOfError(meanSquaredErrors.Average());

    /// <summary>The mean of the pictures' PSNRs in dB; infinite as soon as one error is 0.</summary>
    /// <exception cref="InvalidOperationException">There is no picture.</exception>
    public static double MeanOfPsnrs(IEnumerable<double> meanSquaredErrors) => meanSquaredErrors.Average(PsnrOfError);

    private static double PyIqaPsnr(double meanSquaredError) =>
        -10 * Math.Log10(meanSquaredError / (Peak * Peak) + PyIqaEpsilon);

    // Integers: exact, whatever the order.
    private static long[] SquaredErrors(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        long red = 0, green = 0, blue = 0;
        for (int i = 0; i + 2 < a.Length; i += 3)
        {
            int r = a[i] - b[i], g = a[i + 1] - b[i + 1], l = a[i + 2] - b[i + 2];
            red += r * r;
            green += g * g;
            blue += l * l;
        }
        return [red, green, blue];
    }

    private static double LumaError(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, PsnrConvention convention)
    {
        bool rounded = convention == PsnrConvention.LumaRounded;
        bool limited = rounded || convention == PsnrConvention.Luma;
        double total = 0;
        for (int i = 0; i + 2 < a.Length; i += 3)
        {
            double x = limited ? Luma.Limited(a[i], a[i + 1], a[i + 2]) : Luma.Full(a[i], a[i + 1], a[i + 2]);
            double y = limited ? Luma.Limited(b[i], b[i + 1], b[i + 2]) : Luma.Full(b[i], b[i + 1], b[i + 2]);
            double difference = rounded ? Math.Round(x) - Math.Round(y) : x - y;
            total += difference * difference;
        }
        return total / (a.Length / 3);
    }
}
