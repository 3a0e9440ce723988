namespace LlIcm.Imaging;

/// <summary>
/// From encoded values to linear light, both 0–1, in the form of an ICC parametric curve of type 3:
/// (a·x + b)^g from d on, c·x below it.
/// </summary>
internal readonly record struct ToneCurve(double G, double A = 1, double B = 0, double C = 0, double D = 0)
{
    /// <summary>IEC 61966-2-1.</summary>
    public static readonly ToneCurve Srgb = new(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);

    /// <summary>The inverse of the camera curve of ITU-R BT.709 and BT.2020.</summary>
    public static readonly ToneCurve Bt709 = new(1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081);

    /// <summary>SMPTE 240M.</summary>
    public static readonly ToneCurve Smpte240 = new(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 0.0912);

    /// <summary>Adobe RGB (1998).</summary>
    public static readonly ToneCurve Adobe = new(563 / 256.0);
}
