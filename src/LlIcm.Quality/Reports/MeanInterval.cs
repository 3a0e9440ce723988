using MathNet.Numerics.Distributions;

namespace LlIcm.Quality;

/// <summary>A mean with its 95 % confidence interval (Student's t).</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">The interval is the mean ± this; null for fewer than two or infinite values.</param>
/// <param name="Count">How many values there were.</param>
public sealed record MeanInterval(double Mean, double? HalfWidth, int Count)
{
    private const double Quantile = 0.975;

    /// <summary>The mean of some values; null for none.</summary>
    public static MeanInterval? Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        if (all.Length == 0) return null;
        double mean = all.Average();
        if (all.Length < 2 || !double.IsFinite(mean)) return new MeanInterval(mean, null, all.Length);
        double variance = all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1);
        double t = StudentT.InvCDF(0, 1, all.Length - 1, Quantile);
        return new MeanInterval(mean, t * Math.Sqrt(variance / all.Length), all.Length);
    }
}
