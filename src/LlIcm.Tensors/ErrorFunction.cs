namespace LlIcm.Tensors;

/// <summary>The complement of the error function in double precision.</summary>
internal static class ErrorFunction
{
    private const double TwoOverRootPi = 1.1283791670955126;

    /// <summary>erfc(x) = 1 − erf(x), also where it is tiny.</summary>
    public static double Complement(double x)
    {
        if (double.IsNaN(x)) return x;
        double size = Math.Abs(x);
        if (size > 27.3) return x > 0 ? 0 : 2;
        double complement = size < 2.5 ? 1 - Series(size) : Fraction(size);
        return x >= 0 ? complement : 2 - complement;
    }

    // erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3···(2n+1)): all terms positive, so that nothing cancels.
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 200; n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
            if (term < sum * 1e-17) break;
        }
        return TwoOverRootPi * Math.Exp(-x * x) * sum;
    }

    // The continued fraction of Laplace.
    private static double Fraction(double x)
    {
        double fraction = x;
        for (int k = 120; k >= 1; k--) fraction = x + k / 2.0 / fraction;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
