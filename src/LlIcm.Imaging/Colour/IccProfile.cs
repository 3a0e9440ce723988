using System.Buffers.Binary;

namespace LlIcm.Imaging;

/// <summary>
/// Recognises the sRGB profiles that most files carry, so that their pixels are left alone: a colour engine would take
/// them through XYZ and back, which costs time and, here and there, one step of a channel.
/// </summary>
internal static class IccProfile
{
    private const double ColorantTolerance = 0.0015;

    // In linear light; at the dark end, where the curve is flattest, less than one step of 8 bits.
    private const double CurveTolerance = 0.0002;

    private static readonly (string Tag, double X, double Y, double Z)[] s_colorants =
    [
        ("rXYZ", 0.4361, 0.2225, 0.0139), ("gXYZ", 0.3851, 0.7169, 0.0971), ("bXYZ", 0.1431, 0.0606, 0.7141),
    ];

    /// <summary>Whether a profile describes pixels of so many colour bands (and not another number, or relations between devices).</summary>
    public static bool Fits(ReadOnlySpan<byte> profile, int bands)
    {
        if (profile.Length < 132 || !profile[36..].StartsWith("acsp"u8)) return false;
        ReadOnlySpan<byte> space = profile.Slice(16, 4), kind = profile.Slice(12, 4);
        bool describes = !kind.SequenceEqual("link"u8) && !kind.SequenceEqual("abst"u8) && !kind.SequenceEqual("nmcl"u8);
        return describes && bands == (space.SequenceEqual("GRAY"u8) ? 1 : space.SequenceEqual("RGB "u8) ? 3 : space.SequenceEqual("CMYK"u8) ? 4 : 0);
    }

    /// <summary>The transfer characteristic (ITU-T H.273) that a profile of version 4.4 may name; 0 where it names none.</summary>
    public static int Transfer(ReadOnlySpan<byte> profile) =>
        profile.Length >= 132 && Tag(profile, "cicp") is { Length: >= 12 } tag ? tag[9] : 0;

    /// <summary>Whether a profile is sRGB by its colorants and curves, whatever it calls itself.</summary>
    public static bool IsSrgb(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < 132 || !profile[16..].StartsWith("RGB "u8) || !Tag(profile, "A2B0").IsEmpty) return false;
        foreach ((string tag, double x, double y, double z) in s_colorants)
        {
            ReadOnlySpan<byte> colorant = Tag(profile, tag);
            if (colorant.Length < 20 || !colorant.StartsWith("XYZ "u8)) return false;
            bool near = Math.Abs(Fixed(colorant[8..]) - x) < ColorantTolerance
                && Math.Abs(Fixed(colorant[12..]) - y) < ColorantTolerance
                && Math.Abs(Fixed(colorant[16..]) - z) < ColorantTolerance;
            if (!near) return false;
        }
        foreach (string tag in (string[])["rTRC", "gTRC", "bTRC"])
        {
            ReadOnlySpan<byte> curve = Tag(profile, tag);
            for (int level = 0; level <= 255; level += 5)
            {
                double encoded = level / 255.0;
                if (!(Math.Abs(Linear(curve, encoded) - SrgbLinear(encoded)) < CurveTolerance)) return false;
            }
        }
        return true;
    }

    // IEC 61966-2-1
    private static double SrgbLinear(double v) => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);

    // ICC.1: curveType and parametricCurveType; NaN for what is neither.
    private static double Linear(ReadOnlySpan<byte> curve, double x)
    {
        if (curve.Length < 12) return double.NaN;
        if (curve.StartsWith("curv"u8))
        {
            long count = BinaryPrimitives.ReadUInt32BigEndian(curve[8..]);
            if (count == 0) return x;
            if (count > (curve.Length - 12) / 2) return double.NaN;
            if (count == 1) return Math.Pow(x, BinaryPrimitives.ReadUInt16BigEndian(curve[12..]) / 256.0);
            double place = x * (count - 1);
            int below = (int)Math.Min((long)place, count - 2);
            double low = BinaryPrimitives.ReadUInt16BigEndian(curve[(12 + 2 * below)..]);
            double high = BinaryPrimitives.ReadUInt16BigEndian(curve[(14 + 2 * below)..]);
            return (low + (high - low) * (place - below)) / 65535;
        }
        const int type = 3;
        bool parametric = curve.StartsWith("para"u8) && BinaryPrimitives.ReadUInt16BigEndian(curve[8..]) == type;
        if (!parametric || curve.Length < 32) return double.NaN;
        double g = Fixed(curve[12..]), a = Fixed(curve[16..]), b = Fixed(curve[20..]), c = Fixed(curve[24..]);
        double d = Fixed(curve[28..]);
        return x >= d ? Math.Pow(a * x + b, g) : c * x;
    }

    private static double Fixed(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadInt32BigEndian(at) / 65536.0;

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> profile, string name)
    {
        int wanted = (name[0] << 24) | (name[1] << 16) | (name[2] << 8) | name[3];
        long tags = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(profile[128..]), (profile.Length - 132) / 12);
        for (int at = 132; tags > 0; tags--, at += 12)
        {
            if (BinaryPrimitives.ReadInt32BigEndian(profile[at..]) != wanted) continue;
            long offset = BinaryPrimitives.ReadUInt32BigEndian(profile[(at + 4)..]);
            long length = BinaryPrimitives.ReadUInt32BigEndian(profile[(at + 8)..]);
            return offset + length <= profile.Length ? profile.Slice((int)offset, (int)length) : [];
        }
        return [];
    }
}
