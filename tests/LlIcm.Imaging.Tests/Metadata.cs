using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging.Tests;

/// <summary>Makes EXIF and XMP, and puts them into JPEG files.</summary>
internal static class Metadata
{
    public const string Maker = "Camera & Co";

    /// <summary>A TIFF structure with a maker's name and an orientation.</summary>
    public static byte[] Exif(int orientation, bool little = true)
    {
        byte[] maker = [.. Encoding.ASCII.GetBytes(Maker), 0];
        byte[] tiff = new byte[8 + 2 + 2 * 12 + 4 + maker.Length];
        tiff[0] = tiff[1] = (byte)(little ? 'I' : 'M');
        Write16(2, 42);
        Write32(4, 8);
        Write16(8, 2);
        Entry(10, 0x010F, type: 2, count: maker.Length);
        Write32(18, 38);
        Entry(22, 0x0112, type: 3, count: 1);
        Write16(30, orientation);
        maker.CopyTo(tiff, 38);
        return tiff;

        void Entry(int at, int tag, int type, int count)
        {
            Write16(at, tag);
            Write16(at + 2, type);
            Write32(at + 4, count);
        }

        void Write16(int at, int value)
        {
            if (little) BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(at), (ushort)value);
            else BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at), (ushort)value);
        }

        void Write32(int at, int value)
        {
            if (little) BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan(at), value);
            else BinaryPrimitives.WriteInt32BigEndian(tiff.AsSpan(at), value);
        }
    }

    /// <summary>A TIFF structure whose interoperability directory says R03: Adobe RGB.</summary>
    public static byte[] AdobeRgbExif() =>
    [
        .. "II*\0"u8, 8, 0, 0, 0,
        1, 0, 0x69, 0x87, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0,
        1, 0, 0x05, 0xA0, 4, 0, 1, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0,
        1, 0, 0x01, 0x00, 2, 0, 4, 0, 0, 0, .. "R03\0"u8, 0, 0, 0, 0,
    ];

    /// <summary>A JPEG whose multi-picture index lists so many pictures, those after the first of a type.</summary>
    public static byte[] WithMultiPicture(byte[] jpeg, int count, int type = 0x020002)
    {
        List<byte> entries = [];
        for (int i = 0; i < count; i++)
            entries.AddRange([.. BitConverter.GetBytes(i == 0 ? 0x20030000 : type), .. new byte[12]]);
        byte[] index =
        [
            .. "MPF\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x02, 0xB0, 7, 0, .. BitConverter.GetBytes(entries.Count), 26, 0, 0, 0, 0, 0, 0, 0, .. entries,
        ];
        int length = index.Length + 2;
        return [.. jpeg.AsSpan(0, 2), 0xFF, 0xE2, (byte)(length >> 8), (byte)length, .. index, .. jpeg.AsSpan(2)];
    }

    public static byte[] Xmp(int orientation) => Encoding.UTF8.GetBytes(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        + "<rdf:Description rdf:about=\"\" xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\" "
        + $"tiff:Orientation=\"{orientation}\"><tiff:Artist>Ré</tiff:Artist></rdf:Description></rdf:RDF></x:xmpmeta>");

    public static byte[] WithExif(byte[] jpeg, byte[] exif) => WithSegment(jpeg, [.. "Exif\0\0"u8, .. exif]);

    public static byte[] WithXmp(byte[] jpeg, byte[] xmp) =>
        WithSegment(jpeg, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. xmp]);

    public static bool Contains(byte[]? data, string text) =>
        data is not null && data.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    // An APP1 segment right behind the start-of-image marker.
    private static byte[] WithSegment(byte[] jpeg, byte[] payload)
    {
        int length = payload.Length + 2;
        return [.. jpeg.AsSpan(0, 2), 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. payload, .. jpeg.AsSpan(2)];
    }
}
