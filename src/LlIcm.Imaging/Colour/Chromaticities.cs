namespace LlIcm.Imaging;

/// <summary>CIE xy of red, green, blue and white.</summary>
internal readonly record struct Chromaticities(
    double RedX, double RedY, double GreenX, double GreenY, double BlueX, double BlueY, double WhiteX, double WhiteY)
{
    private const double D65X = 0.3127, D65Y = 0.3290;

    /// <summary>sRGB and BT.709.</summary>
    public static readonly Chromaticities Srgb = new(0.64, 0.33, 0.30, 0.60, 0.15, 0.06, D65X, D65Y);

    public static readonly Chromaticities AdobeRgb = new(0.64, 0.33, 0.21, 0.71, 0.15, 0.06, D65X, D65Y);

    /// <summary>Those of a code point of ITU-T H.273, table 2; null where it has none.</summary>
    public static Chromaticities? Of(int code) => code switch
    {
        1 => Srgb,
        4 => new(0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
        5 => new(0.64, 0.33, 0.29, 0.60, 0.15, 0.06, D65X, D65Y),
        6 or 7 => new(0.630, 0.340, 0.310, 0.595, 0.155, 0.070, D65X, D65Y),
        8 => new(0.681, 0.319, 0.243, 0.692, 0.145, 0.049, 0.310, 0.316),
        9 => new(0.708, 0.292, 0.170, 0.797, 0.131, 0.046, D65X, D65Y),
        11 => new(0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
        12 => new(0.680, 0.320, 0.265, 0.690, 0.150, 0.060, D65X, D65Y),
        22 => new(0.630, 0.340, 0.295, 0.605, 0.155, 0.077, D65X, D65Y),
        _ => null,
    };

    /// <summary>Whether they are sRGB's, but for rounding.</summary>
    public bool IsSrgb => Values.Zip(Srgb.Values, (a, b) => Math.Abs(a - b)).Max() < 0.002;

    /// <summary>Whether they span a triangle and the white has a luminance.</summary>
    public bool AreUsable => Values.All(value => value is > -1 and < 2) && RedY != 0 && GreenY != 0 && BlueY != 0 && WhiteY > 0.01
        && Math.Abs((GreenX - RedX) * (BlueY - RedY) - (BlueX - RedX) * (GreenY - RedY)) > 1e-3;

    /// <summary>The colorants' XYZ relative to D50, adapted by the Bradford transform, as ICC profiles hold them.</summary>
    public (double[] Red, double[] Green, double[] Blue) Colorants()
    {
        double[] white = Xyz(WhiteX, WhiteY);
        double[][] primaries = [Xyz(RedX, RedY), Xyz(GreenX, GreenY), Xyz(BlueX, BlueY)];
        // How much of each makes the white: Cramer's rule.
        double whole = Determinant(primaries[0], primaries[1], primaries[2]);
        double[] share =
        [
            Determinant(white, primaries[1], primaries[2]) / whole,
            Determinant(primaries[0], white, primaries[2]) / whole,
            Determinant(primaries[0], primaries[1], white) / whole,
        ];
        double[] cone = Bradford(white), d50 = Bradford([0.9642, 1, 0.8249]);
        double[][] adapted = [.. primaries.Zip(share, (each, s) =>
        {
            double[] response = Bradford([.. each.Select(v => v * s)]);
            return FromBradford([.. response.Select((v, i) => v * d50[i] / cone[i])]);
        })];
        return (adapted[0], adapted[1], adapted[2]);
    }

    private double[] Values => [RedX, RedY, GreenX, GreenY, BlueX, BlueY, WhiteX, WhiteY];

    private static double[] Xyz(double x, double y) => [x / y, 1, (1 - x - y) / y];

    private static double Determinant(double[] a, double[] b, double[] c) =>
        a[0] * (b[1] * c[2] - c[1] * b[2]) - b[0] * (a[1] * c[2] - c[1] * a[2]) + c[0] * (a[1] * b[2] - b[1] * a[2]);

    private static double[] Bradford(double[] v) =>
    [
        0.8951 * v[0] + 0.2664 * v[1] - 0.1614 * v[2],
        -0.7502 * v[0] + 1.7135 * v[1] + 0.0367 * v[2],
        0.0389 * v[0] - 0.0685 * v[1] + 1.0296 * v[2],
    ];

    private static double[] FromBradford(double[] v) =>
    [
        0.9869929 * v[0] - 0.1470543 * v[1] + 0.1599627 * v[2],
        0.4323053 * v[0] + 0.5183603 * v[1] + 0.0492912 * v[2],
        -0.0085287 * v[0] + 0.0400428 * v[1] + 0.9684867 * v[2],
    ];
}
