using MathNet.Numerics.Distributions;

namespace LlIcm.Quality;

/// <summary>A mean with its 95 % confidence interval (Student's t).</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfWidth">The interval is the mean ± this; null for fewer than two or infinite values.</param>
/// <param name="Count">How many values it is of.</param>
/// <param name="Infinite">How many values were left out because they are infinite, as the PSNR of equal pictures.</param>
public sealed record MeanInterval(double? Mean, double? HalfWidth, int Count, int Infinite = 0)
{
    private const double Quantile = 0.975;

    /// <summary>The mean of the finite ones of some values, which is null where all are infinite; null for no value.</summary>
    public static MeanInterval? Of(IEnumerable<double> values)
    {
        double[] given = [.. values], all = [.. given.Where(double.IsFinite)];
        int infinite = given.Length - all.Length;
        if (given.Length == 0) return null;
        if (all.Length == 0) return new MeanInterval(null, null, 0, infinite);
        double mean = all.Average();
        if (all.Length < 2) return new MeanInterval(mean, null, all.Length, infinite);
        double variance = all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1);
        double t = StudentT.InvCDF(0, 1, all.Length - 1, Quantile);
        return new MeanInterval(mean, t * Math.Sqrt(variance / all.Length), all.Length, infinite);
    }
}
