namespace LlIcm.Quality;

/// <summary>How a curve is drawn through rate–distortion points.</summary>
public enum CurveInterpolation
{
    /// <summary>
    /// Piecewise cubic with Fritsch–Carlson slopes: keeps monotonic data monotonic, so it does not overshoot.
    /// </summary>
    Pchip,

    /// <summary>Piecewise cubic with Akima's slopes (1970).</summary>
    Akima,

    /// <summary>
    /// One polynomial of degree 3 through all points by least squares (VCEG-M33, 2001): overshoots on long or steep
    /// curves.
    /// </summary>
    Cubic,
}
