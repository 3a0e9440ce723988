using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace LlIcm.Imaging;

/// <summary>What has to be known about EXIF and XMP: where the orientation is, so that it can be reset.</summary>
internal static partial class PictureMetadata
{
    private const int OrientationTag = 0x0112;
    private const int ShortType = 3;

    private static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>A copy of EXIF as a bare TIFF structure, its orientation set to 1; null where it is none.</summary>
    public static byte[]? UprightExif(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith(Prefix)) exif = exif[Prefix.Length..];
        if (!exif.StartsWith("II*\0"u8) && !exif.StartsWith("MM\0*"u8)) return null;
        byte[] copy = exif.ToArray();
        SetOrientation(copy, 1);
        return copy;
    }

    /// <summary>Changes the orientation of a TIFF structure; false where it has none.</summary>
    public static bool SetOrientation(Span<byte> tiff, ushort orientation)
    {
        if (FindOrientation(tiff, out bool little) is not { } at) return false;
        if (little) BinaryPrimitives.WriteUInt16LittleEndian(tiff[at..], orientation);
        else BinaryPrimitives.WriteUInt16BigEndian(tiff[at..], orientation);
        return true;
    }

    /// <summary>A copy of an XMP packet with every tiff:Orientation set to 1.</summary>
    public static byte[] UprightXmp(byte[] xmp)
    {
        // Latin-1 maps bytes to characters one to one, whatever the packet's encoding is.
        string text = System.Text.Encoding.Latin1.GetString(xmp);
        return System.Text.Encoding.Latin1.GetBytes(XmpOrientation().Replace(text, "${before}1"));
    }

    /// <summary>EXIF with the prefix that JPEG and libvips put before it.</summary>
    public static byte[] WithPrefix(ReadOnlySpan<byte> exif) => [.. Prefix, .. exif];

    // The position of the orientation's value in the first directory, or null. Offsets come from the file: trust none.
    private static int? FindOrientation(ReadOnlySpan<byte> tiff, out bool little)
    {
        little = tiff[0] == (byte)'I';
        if (tiff.Length < 8) return null;
        uint directory = Read32(tiff[4..], little);
        if (directory > tiff.Length - 2) return null;
        int entries = Read16(tiff[(int)directory..], little);
        int at = (int)directory + 2;
        for (int i = 0; i < entries && at <= tiff.Length - 12; i++, at += 12)
        {
            ReadOnlySpan<byte> entry = tiff.Slice(at, 12);
            if (Read16(entry, little) == OrientationTag && Read16(entry[2..], little) == ShortType) return at + 8;
        }
        return null;
    }

    private static int Read16(ReadOnlySpan<byte> from, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(from) : BinaryPrimitives.ReadUInt16BigEndian(from);

    private static uint Read32(ReadOnlySpan<byte> from, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(from) : BinaryPrimitives.ReadUInt32BigEndian(from);

    [GeneratedRegex("""(?<before>tiff:Orientation(\s*=\s*["']|\s*>))\s*[2-8]""")]
    private static partial Regex XmpOrientation();
}
