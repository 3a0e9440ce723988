using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging;

/// <summary>A colour space that a file describes without an ICC profile: primaries and a curve.</summary>
internal sealed record RgbSpace(Chromaticities Primaries, ToneCurve Curve)
{
    public static readonly RgbSpace Srgb = new(Chromaticities.Srgb, ToneCurve.Srgb);

    public static readonly RgbSpace AdobeRgb = new(Chromaticities.AdobeRgb, ToneCurve.Adobe);

    /// <summary>Whether numbers in it are sRGB's already.</summary>
    public bool IsSrgb => Curve == ToneCurve.Srgb && Primaries.IsSrgb;

    /// <summary>An ICC profile of it (version 4): for one band of grey or three of colour.</summary>
    public byte[] Profile(int bands)
    {
        byte[] curve = Tag("para", [0, 3, 0, 0, .. Fixed(Curve.G), .. Fixed(Curve.A), .. Fixed(Curve.B), .. Fixed(Curve.C), .. Fixed(Curve.D)]);
        byte[] white = Xyz([0.9642, 1, 0.8249]);
        (double[] red, double[] green, double[] blue) = Primaries.Colorants();
        (string, byte[])[] tags =
        [
            ("desc", Text("as the file describes it")), ("cprt", Text("none")), ("wtpt", white),
            .. bands == 1
                ? ((string, byte[])[])[("kTRC", curve)]
                : [("rXYZ", Xyz(red)), ("gXYZ", Xyz(green)), ("bXYZ", Xyz(blue)), ("rTRC", curve), ("gTRC", curve), ("bTRC", curve)],
        ];
        int at = 132 + 12 * tags.Length;
        List<byte> table = [.. Big(tags.Length)], data = [];
        foreach ((string name, byte[] content) in tags)
        {
            table.AddRange([.. Encoding.ASCII.GetBytes(name), .. Big(at + data.Count), .. Big(content.Length)]);
            data.AddRange(content);
            while (data.Count % 4 != 0) data.Add(0);
        }
        byte[] header = new byte[128];
        Big(at + data.Count).CopyTo(header, 0);
        Big(0x04300000).CopyTo(header, 8);
        Encoding.ASCII.GetBytes($"mntr{(bands == 1 ? "GRAY" : "RGB ")}XYZ ").CopyTo(header, 12);
        Encoding.ASCII.GetBytes("acsp").CopyTo(header, 36);
        white[8..].CopyTo(header, 68);
        return [.. header, .. table, .. data];
    }

    private static byte[] Tag(string type, ReadOnlySpan<byte> content) => [.. Encoding.ASCII.GetBytes(type), 0, 0, 0, 0, .. content];

    // multiLocalizedUnicodeType with one record.
    private static byte[] Text(string text) => Tag("mluc",
        [.. Big(1), .. Big(12), .. "enUS"u8, .. Big(2 * text.Length), .. Big(28), .. Encoding.BigEndianUnicode.GetBytes(text)]);

    private static byte[] Xyz(double[] value) => Tag("XYZ ", [.. Fixed(value[0]), .. Fixed(value[1]), .. Fixed(value[2])]);

    private static byte[] Fixed(double value) => Big((int)Math.Round(value * 65536));

    private static byte[] Big(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
