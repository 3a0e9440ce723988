using System.Globalization;

namespace LlIcm.Quality;

/// <summary>
/// Bjøntegaard deltas between two rate–distortion curves (Bjøntegaard, VCEG-M33, 2001), computed as
/// github.com/FAU-LMS/bjontegaard does, on sorted points.
/// </summary>
/// <param name="Rate">
/// BD-rate in percent: the mean rate difference at equal quality; negative when the test curve saves rate.
/// </param>
/// <param name="Metric">
/// BD-metric in the metric's unit: the mean quality difference at equal rate, in the metric's own sign (for LPIPS,
/// negative is better).
/// </param>
/// <param name="Interpolation">How the curves were drawn.</param>
public sealed record BjontegaardDelta(BjontegaardValue Rate, BjontegaardValue Metric, CurveInterpolation Interpolation)
{
    /// <summary>Below this overlap a value comes with a warning, as in the reference.</summary>
    public const double SufficientOverlap = 0.75;

    // As shares of a curve's height. Four to eight points of usual codecs stay below a twentieth.
    private const double SmallestSwing = 0.15;

    /// <summary>Compares two curves.</summary>
    /// <param name="anchor">What is compared with.</param>
    /// <param name="test">What is judged.</param>
    /// <param name="lowerIsBetter">
    /// Whether the metric is a distance (LPIPS, MSE) and not a quality (PSNR, MS-SSIM).
    /// </param>
    /// <param name="interpolation">How to draw the curves.</param>
    /// <remarks>
    /// BD-rate reads the rate off the curve at a given quality, so that a curve whose quality does not rise strictly
    /// with the rate has none: then there is no value but a problem, in every interpolation, even where a formula would
    /// yield a number. BD-metric needs no such thing and stays.
    /// </remarks>
    public static BjontegaardDelta Compute(
        RateDistortionCurve anchor, RateDistortionCurve test, bool lowerIsBetter = false,
        CurveInterpolation interpolation = CurveInterpolation.Pchip)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        ArgumentNullException.ThrowIfNull(test);
        double sign = lowerIsBetter ? -1 : 1;
        double[] anchorRate = [.. anchor.Rate.Select(Math.Log10)], testRate = [.. test.Rate.Select(Math.Log10)];
        double[] anchorQuality = [.. anchor.Metric.Select(m => sign * m)];
        double[] testQuality = [.. test.Metric.Select(m => sign * m)];

        string? single = FindSingle("anchor", anchor) ?? FindSingle("test", test);
        string? problem = single ?? FindDecrease("anchor", anchor, sign) ?? FindDecrease("test", test, sign);
        BjontegaardValue rate = Evaluate(
            anchorQuality, anchorRate, testQuality, testRate, interpolation, "quality", problem,
            mean => (Math.Pow(10, mean) - 1) * 100);
        problem = single ?? FindEqualRates("anchor", anchor) ?? FindEqualRates("test", test);
        BjontegaardValue metric = Evaluate(
            anchorRate, anchorQuality, testRate, testQuality, interpolation, "rate", problem, mean => sign * mean);
        return new BjontegaardDelta(rate, metric, interpolation);
    }

    /// <summary>The mean of test - anchor over the common range of x; x ascending.</summary>
    internal static double MeanDifference(
        double[] anchorX, double[] anchorY, double[] testX, double[] testY, CurveInterpolation interpolation)
    {
        double low = Math.Max(anchorX.Min(), testX.Min()), high = Math.Min(anchorX.Max(), testX.Max());
        double area = CurveIntegral.Over(testX, testY, low, high, interpolation)
            - CurveIntegral.Over(anchorX, anchorY, low, high, interpolation);
        return area / (high - low);
    }

    private static BjontegaardValue Evaluate(
        double[] anchorX, double[] anchorY, double[] testX, double[] testY, CurveInterpolation interpolation,
        string axis,
        string? problem, Func<double, double> convert)
    {
        double common = Math.Min(anchorX.Max(), testX.Max()) - Math.Max(anchorX.Min(), testX.Min());
        double united = Math.Max(anchorX.Max(), testX.Max()) - Math.Min(anchorX.Min(), testX.Min());
        double overlap = united > 0 ? Math.Max(common, 0) / united : 0;
        if (problem is not null) return new BjontegaardValue(null, overlap, problem);
        if (overlap == 0) return new BjontegaardValue(null, 0, $"the curves have no common range of {axis}");
        double value;
        try
        {
            value = convert(MeanDifference(anchorX, anchorY, testX, testY, interpolation));
        }
        catch (ArithmeticException)
        {
            // The interpolation refuses what overflowed on the way.
            value = double.NaN;
        }
        if (!double.IsFinite(value)) return new BjontegaardValue(null, overlap, "the numbers are too large or too close to compute with");
        string? warning = null;
        if (overlap < SufficientOverlap)
            warning = string.Create(
                CultureInfo.InvariantCulture,
                $"only {100 * overlap:0.#} % of the range of {axis} is common to both curves");
        else if (interpolation == CurveInterpolation.Cubic && Math.Min(anchorX.Length, testX.Length) < 4)
            warning = "fewer than 4 points do not determine a cubic";
        else if (interpolation == CurveInterpolation.Cubic)
            warning = FindSwing(anchorX, anchorY, testX, testY, convert);
        return new BjontegaardValue(value, overlap, null, warning);
    }

    // A cubic that leaves the points far behind between them tells of itself, not of the codecs.
    private static string? FindSwing(
        double[] anchorX, double[] anchorY, double[] testX, double[] testY, Func<double, double> convert)
    {
        double low = Math.Max(anchorX.Min(), testX.Min()), high = Math.Min(anchorX.Max(), testX.Max());
        double swing = Math.Max(CurveIntegral.Swing(anchorX, anchorY, low, high), CurveIntegral.Swing(testX, testY, low, high));
        if (swing < SmallestSwing) return null;
        double pchip = convert(MeanDifference(anchorX, anchorY, testX, testY, CurveInterpolation.Pchip));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"the cubic swings by {100 * swing:0} % of a curve's height between its points; pchip gives {pchip:0.####}");
    }

    private static string? FindSingle(string name, RateDistortionCurve curve) =>
        curve.Count == 1 ? $"the {name} has a single point: a curve takes at least two" : null;

    private static string? FindDecrease(string name, RateDistortionCurve curve, double sign)
    {
        for (int i = 1; i < curve.Count; i++)
        {
            if (sign * curve.Metric[i] > sign * curve.Metric[i - 1]) continue;
            string from = RateDistortionCurve.Text(curve.Metric[i - 1]), to = RateDistortionCurve.Text(curve.Metric[i]);
            string at =
                $"rate {RateDistortionCurve.Text(curve.Rate[i - 1])} to {RateDistortionCurve.Text(curve.Rate[i])}";
            string what = from == to ? $"stays at {from}" : $"gets worse, {from} to {to},";
            return $"not monotonic: the {name}'s quality {what} from {at}";
        }
        return null;
    }

    private static string? FindEqualRates(string name, RateDistortionCurve curve)
    {
        for (int i = 1; i < curve.Count; i++)
            if (curve.Rate[i] == curve.Rate[i - 1])
                return $"the {name} has two points at the rate {RateDistortionCurve.Text(curve.Rate[i])}";
        return null;
    }
}
