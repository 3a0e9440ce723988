using System.Globalization;

namespace LlIcm.Quality;

/// <summary>Measured points of a codec: a rate and a quality each, sorted by rate.</summary>
public sealed class RateDistortionCurve
{
    private const double Largest = 1e30;

    /// <summary>Takes points in any order; they are sorted by rate, equal rates stay in the given order.</summary>
    /// <param name="rate">Positive rates, in whatever unit both curves share (bits per pixel, kbit/s).</param>
    /// <param name="metric">The quality at each rate, higher or lower is better.</param>
    /// <exception cref="QualityException">The lists' lengths differ, are 0, or a number makes no sense.</exception>
    public RateDistortionCurve(IEnumerable<double> rate, IEnumerable<double> metric)
    {
        ArgumentNullException.ThrowIfNull(rate);
        ArgumentNullException.ThrowIfNull(metric);
        double[] rates = [.. rate], metrics = [.. metric];
        if (rates.Length != metrics.Length)
            throw new QualityException($"the curve has {rates.Length} rates and {metrics.Length} qualities");
        if (rates.Length == 0) throw new QualityException("the curve has no point");
        for (int i = 0; i < rates.Length; i++)
        {
            if (!double.IsFinite(rates[i]) || rates[i] <= 0) throw Bad(i, $"the rate {Text(rates[i])} is not positive");
            if (!double.IsFinite(metrics[i])) throw Bad(i, $"the quality {Text(metrics[i])} is not finite");
            // Beyond any unit, and what differences and powers of it would overflow.
            if (rates[i] is > Largest or < 1 / Largest || Math.Abs(metrics[i]) > Largest) throw Bad(i, "a number is too large or too small");
        }
        int[] order = [.. Enumerable.Range(0, rates.Length).OrderBy(i => rates[i])];
        Rate = [.. order.Select(i => rates[i])];
        Metric = [.. order.Select(i => metrics[i])];
    }

    /// <summary>The rates, ascending.</summary>
    public IReadOnlyList<double> Rate { get; }

    /// <summary>The qualities, one a rate.</summary>
    public IReadOnlyList<double> Metric { get; }

    /// <summary>The number of points.</summary>
    public int Count => Rate.Count;

    internal static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static QualityException Bad(int i, string what) => new($"point {i + 1} of the curve: {what}");
}
