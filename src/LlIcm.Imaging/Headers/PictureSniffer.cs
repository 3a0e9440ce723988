using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging;

/// <summary>Tells the format from a file's first bytes. Only what is recognised here ever reaches a decoder.</summary>
internal static class PictureSniffer
{
    /// <summary>As many first bytes as are ever looked at.</summary>
    public const int HeadLength = 64;

    /// <summary>The format, or null where it is none of ours.</summary>
    public static PictureFormat? Sniff(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((byte[])[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return PictureFormat.Png;
        if (head.StartsWith((byte[])[0xFF, 0xD8, 0xFF])) return PictureFormat.Jpeg;
        if (head.StartsWith("RIFF"u8) && head.Length >= 12 && head[8..].StartsWith("WEBP"u8)) return PictureFormat.WebP;
        if (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8)) return PictureFormat.Tiff;
        if (head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8)) return PictureFormat.Tiff;
        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)) return PictureFormat.Gif;
        if (IsBmp(head)) return PictureFormat.Bmp;
        if (head.Length >= 3 && head[0] == 'P' && head[1] is >= (byte)'1' and <= (byte)'7' && char.IsWhiteSpace((char)head[2]))
            return PictureFormat.Ppm;
        if (head.StartsWith((byte[])[0xFF, 0x0A])) return PictureFormat.Jxl;
        if (head.StartsWith((byte[])[0, 0, 0, 12]) && head[4..].StartsWith("JXL \r\n"u8)) return PictureFormat.Jxl;
        return head.Length >= 16 && head[4..].StartsWith("ftyp"u8) ? SniffHeif(head) : null;
    }

    // "BM" alone may begin a text: the length of the second header tells.
    private static bool IsBmp(ReadOnlySpan<byte> head) =>
        head.StartsWith("BM"u8) && head.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124;

    // The file type box: major brand, minor version, compatible brands. "mif1" says only "a HEIF picture".
    private static PictureFormat? SniffHeif(ReadOnlySpan<byte> head)
    {
        uint size = BinaryPrimitives.ReadUInt32BigEndian(head);
        int end = (int)Math.Min(size, (uint)head.Length);
        bool generic = false;
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            switch (Encoding.ASCII.GetString(head.Slice(at, 4)))
            {
                case "avif" or "avis":
                    return PictureFormat.Avif;
                case "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx":
                    return PictureFormat.Heic;
                case "mif1" or "msf1":
                    generic = true;
                    break;
            }
        }
        return generic ? PictureFormat.Heic : null;
    }
}
