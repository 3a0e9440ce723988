using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging.Tests;

/// <summary>Writes small ICC display profiles: three colorants and a gamma.</summary>
internal static class IccWriter
{
    /// <summary>sRGB's colorants, adapted to D50, as every sRGB profile has them.</summary>
    public static readonly double[] Red = [0.4360, 0.2225, 0.0139];

    public static readonly double[] Green = [0.3851, 0.7169, 0.0971];

    public static readonly double[] Blue = [0.1431, 0.0606, 0.7141];

    public static byte[] Profile(double[] red, double[] green, double[] blue, double gamma)
    {
        byte[] curve = new byte[16];
        Encoding.ASCII.GetBytes("curv").CopyTo(curve, 0);
        BinaryPrimitives.WriteInt32BigEndian(curve.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16BigEndian(curve.AsSpan(12), (ushort)Math.Round(gamma * 256));
        byte[] text = [.. "text\0\0\0\0test\0\0\0\0"u8];
        byte[] description = new byte[104];
        Encoding.ASCII.GetBytes("desc").CopyTo(description, 0);
        BinaryPrimitives.WriteInt32BigEndian(description.AsSpan(8), 5);
        Encoding.ASCII.GetBytes("test").CopyTo(description, 12);
        (string Tag, byte[] Data)[] tags =
        [
            ("desc", description), ("cprt", text), ("wtpt", Xyz([0.9642, 1.0, 0.8249])),
            ("rXYZ", Xyz(red)), ("gXYZ", Xyz(green)), ("bXYZ", Xyz(blue)),
            ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
        ];

        int start = 128 + 4 + 12 * tags.Length;
        byte[] profile = new byte[start + tags.Sum(t => t.Data.Length)];
        BinaryPrimitives.WriteInt32BigEndian(profile, profile.Length);
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(8), 0x02100000);
        Encoding.ASCII.GetBytes("mntrRGB XYZ ").CopyTo(profile, 12);
        Encoding.ASCII.GetBytes("acsp").CopyTo(profile, 36);
        Xyz([0.9642, 1.0, 0.8249])[8..].CopyTo(profile, 68);
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(128), tags.Length);
        for (int i = 0; i < tags.Length; i++)
        {
            Span<byte> entry = profile.AsSpan(132 + 12 * i, 12);
            Encoding.ASCII.GetBytes(tags[i].Tag).CopyTo(entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], start);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], tags[i].Data.Length);
            tags[i].Data.CopyTo(profile, start);
            start += tags[i].Data.Length;
        }
        return profile;
    }

    private static byte[] Xyz(double[] value)
    {
        byte[] data = new byte[20];
        Encoding.ASCII.GetBytes("XYZ ").CopyTo(data, 0);
        for (int i = 0; i < 3; i++)
            BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8 + 4 * i), (int)Math.Round(value[i] * 65536));
        return data;
    }
}
