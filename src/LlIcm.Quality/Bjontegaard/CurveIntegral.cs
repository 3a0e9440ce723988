using MathNet.Numerics;
using MathNet.Numerics.Interpolation;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace LlIcm.Quality;

/// <summary>Integrals of the curves that Bjøntegaard deltas are defined by.</summary>
internal static class CurveIntegral
{
    private const int Degree = 3;

    /// <summary>
    /// The integral from <paramref name="low"/> to <paramref name="high"/> of the curve through the points.
    /// </summary>
    /// <param name="x">Strictly ascending, at least two (for the polynomial: any order).</param>
    /// <param name="y">The values there.</param>
    /// <param name="low">Lower limit.</param>
    /// <param name="high">Upper limit.</param>
    /// <param name="interpolation">Which curve.</param>
    public static double Over(double[] x, double[] y, double low, double high, CurveInterpolation interpolation)
    {
        if (interpolation == CurveInterpolation.Cubic) return Polynomial(x, y, low, high);
        CubicSpline spline = x.Length == 2 ? Line(x, y)
            : interpolation == CurveInterpolation.Pchip ? CubicSpline.InterpolatePchipSorted(x, y)
            : CubicSpline.InterpolateHermiteSorted(x, y, AkimaSlopes(x, y));
        return spline.Integrate(low, high);
    }

    private static CubicSpline Line(double[] x, double[] y)
    {
        double slope = (y[1] - y[0]) / (x[1] - x[0]);
        return CubicSpline.InterpolateHermiteSorted(x, y, [slope, slope]);
    }

    /// <summary>
    /// Akima's slopes with two secants extrapolated at each end, as in his paper. MathNet's own Akima spline treats the
    /// ends differently and takes five points at least.
    /// </summary>
    private static double[] AkimaSlopes(double[] x, double[] y)
    {
        int n = x.Length;
        var m = new double[n + 3];
        for (int i = 1; i < n; i++) m[i + 1] = (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
        m[1] = 2 * m[2] - m[3];
        m[0] = 2 * m[1] - m[2];
        m[n + 1] = 2 * m[n] - m[n - 1];
        m[n + 2] = 2 * m[n + 1] - m[n];
        double[] left = [.. Enumerable.Range(0, n).Select(i => Math.Abs(m[i + 3] - m[i + 2]))];
        double[] right = [.. Enumerable.Range(0, n).Select(i => Math.Abs(m[i + 1] - m[i]))];
        double limit = 1e-9 * left.Zip(right, (a, b) => a + b).Max();
        return [.. Enumerable.Range(0, n).Select(i => left[i] + right[i] > limit
            ? (left[i] * m[i + 1] + right[i] * m[i + 2]) / (left[i] + right[i])
            : (m[i] + m[i + 3]) / 2)];
    }

    /// <summary>
    /// The least-squares polynomial as numpy.polyfit finds it: columns scaled to unit length, small singular values cut
    /// off, so that fewer than four points give the solution of least norm.
    /// </summary>
    private static double Polynomial(double[] x, double[] y, double low, double high)
    {
        double[] coefficients = Coefficients(x, y);
        double integral = 0;
        for (int j = 0; j <= Degree; j++)
            integral += coefficients[j] * (Math.Pow(high, j + 1) - Math.Pow(low, j + 1)) / (j + 1);
        return integral;
    }

    /// <summary>How far the polynomial goes away from the monotonic curve through the points, as a share of the points' range of y.</summary>
    public static double Swing(double[] x, double[] y, double low, double high)
    {
        const int steps = 100;
        double range = y.Max() - y.Min();
        if (range <= 0 || x.Length < 2) return 0;
        double[] coefficients = Coefficients(x, y);
        CubicSpline spline = x.Length == 2 ? Line(x, y) : CubicSpline.InterpolatePchipSorted(x, y);
        double largest = 0;
        for (int i = 0; i <= steps; i++)
        {
            double at = low + (high - low) * i / steps, value = 0;
            for (int j = Degree; j >= 0; j--) value = value * at + coefficients[j];
            largest = Math.Max(largest, Math.Abs(value - spline.Interpolate(at)));
        }
        return largest / range;
    }

    private static double[] Coefficients(double[] x, double[] y)
    {
        Matrix<double> powers = Matrix<double>.Build.Dense(x.Length, Degree + 1, (i, j) => Math.Pow(x[i], j));
        Vector<double> lengths = powers.ColumnNorms(2);
        for (int j = 0; j <= Degree; j++) powers.SetColumn(j, powers.Column(j) / lengths[j]);
        Svd<double> svd = powers.Svd();
        double cutoff = x.Length * Precision.DoublePrecision * 2 * svd.S.Maximum();
        Vector<double> projected = svd.U.Transpose() * Vector<double>.Build.Dense(y);
        Vector<double> coefficients = Vector<double>.Build.Dense(Degree + 1);
        for (int k = 0; k < svd.S.Count; k++)
            if (svd.S[k] > cutoff) coefficients += svd.VT.Row(k) * (projected[k] / svd.S[k]);
        return [.. coefficients.Select((each, j) => each / lengths[j])];
    }
}
