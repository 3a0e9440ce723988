using System.Text.RegularExpressions;
using LlIcm.Imaging.Interop;

namespace LlIcm.Imaging;

/// <summary>From a file's bytes to upright 8-bit sRGB.</summary>
internal static unsafe partial class PictureDecoder
{
    // Colour, alpha, and what little else a TIFF may sensibly carry; samples are decoded before they are dropped.
    private const int MaxChannels = 16;

    private const string Known = "PNG, JPEG, WebP, TIFF, AVIF, HEIC, JPEG XL";

    public static PictureInfo Identify(ReadOnlySpan<byte> data, string name)
    {
        PictureFormat format = Recognise(data, name);
        fixed (byte* bytes = data)
        {
            try
            {
                using VipsImage image = Open(format, bytes, data.Length, name);
                int orientation = OrientationOf(image, format);
                bool sideways = orientation >= 5;
                return new PictureInfo(
                    format,
                    sideways ? image.Height : image.Width,
                    sideways ? image.Width : image.Height,
                    image.Bands,
                    BitsOf(image.Format),
                    image.HasAlpha,
                    orientation,
                    image.HasField(VipsImage.IccField),
                    image.HasField(VipsImage.ExifField),
                    image.HasField(VipsImage.XmpField));
            }
            catch (VipsException e)
            {
                throw Damaged(name, format, e);
            }
        }
    }

    public static Picture Decode(ReadOnlySpan<byte> data, string name, PictureLoadOptions options)
    {
        PictureFormat format = Recognise(data, name);
        if (format == PictureFormat.Png && !VipsLibrary.IsNeeded && PlainPng.Decode(data, name) is { } plain) return plain;
        fixed (byte* bytes = data)
        {
            try
            {
                using VipsImage image = Open(format, bytes, data.Length, name);
                CheckSize(image, name, options);
                return Decode(image, format, options);
            }
            catch (VipsException e)
            {
                throw Damaged(name, format, e);
            }
        }
    }

    private static void CheckSize(VipsImage image, string name, PictureLoadOptions options)
    {
        long pixels = (long)image.Width * image.Height;
        string size = $"{image.Width}x{image.Height}";
        if (pixels > options.MaxPixels)
            throw new PictureException($"{name}: {size} is {pixels} pixels: the limit is {options.MaxPixels}");
        if (image.Bands > MaxChannels)
            throw new PictureException($"{name}: {image.Bands} channels: the limit is {MaxChannels}");
        if (4 * pixels > Array.MaxLength)
            throw new PictureException($"{name}: {size} is more than memory can hold in one piece");
    }

    private static Picture Decode(VipsImage image, PictureFormat format, PictureLoadOptions options)
    {
        using VipsImage colour = PictureColour.ToSrgb(image);
        using VipsImage? alpha = PictureColour.Alpha(image);
        using VipsImage joined = alpha is null ? colour.Apply("copy") : VipsOperation.Join(colour, alpha);
        using VipsImage upright = OrientationOf(image, format) == 1 ? joined.Apply("copy") : Upright(joined);
        byte[] samples = upright.Samples();
        byte[]? exif = options.KeepMetadata ? image.Blob(VipsImage.ExifField) : null;
        byte[]? xmp = options.KeepMetadata ? image.Blob(VipsImage.XmpField) : null;
        (byte[] rgb, byte[]? plane) = alpha is null ? (samples, null) : Split(samples);
        return new Picture(upright.Width, upright.Height, rgb, plane)
        {
            Exif = exif is null ? null : PictureMetadata.UprightExif(exif),
            Xmp = xmp is null ? null : PictureMetadata.UprightXmp(xmp),
        };
    }

    /// <summary>A picture from interleaved samples, three or four a pixel.</summary>
    public static Picture FromSamples(byte[] samples, int width, int height, int bands)
    {
        if (bands == 3) return new Picture(width, height, samples);
        (byte[] rgb, byte[] alpha) = Split(samples);
        return new Picture(width, height, rgb, alpha);
    }

    // Files are decoded top to bottom, once; a turn needs the pixels in another order.
    private static VipsImage Upright(VipsImage image)
    {
        using VipsImage memory = image.ToMemory();
        return memory.Apply("autorot");
    }

    private static (byte[] Rgb, byte[] Alpha) Split(byte[] rgba)
    {
        int pixels = rgba.Length / 4;
        byte[] rgb = new byte[3 * pixels];
        byte[] alpha = new byte[pixels];
        for (int i = 0, from = 0, to = 0; i < pixels; i++, from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
            alpha[i] = rgba[from + 3];
        }
        return (rgb, alpha);
    }

    private static PictureFormat Recognise(ReadOnlySpan<byte> data, string name)
    {
        if (data.IsEmpty) throw new PictureException($"{name}: the file is empty");
        ReadOnlySpan<byte> head = data[..Math.Min(data.Length, PictureSniffer.HeadLength)];
        return PictureSniffer.Sniff(head)
            ?? throw new PictureException($"{name}: not a picture of a known format ({Known})");
    }

    // Reads the header; the pixels are decoded when somebody asks for them.
    private static VipsImage Open(PictureFormat format, byte* bytes, int length, string name)
    {
        string loader = format switch
        {
            PictureFormat.Png => "pngload_buffer",
            PictureFormat.Jpeg => "jpegload_buffer",
            PictureFormat.WebP => "webpload_buffer",
            PictureFormat.Tiff => "tiffload_buffer",
            PictureFormat.Avif or PictureFormat.Heic => "heifload_buffer",
            _ => "jxlload_buffer",
        };
        if (!VipsLibrary.Has(loader))
        {
            throw new PictureException(
                $"{name}: the installed libvips {VipsLibrary.Start()} cannot read {NameOf(format)}");
        }
        if (format == PictureFormat.Png) PngHeader.Check(new ReadOnlySpan<byte>(bytes, length), name);
        using VipsOperation load = VipsOperation.Create(loader);
        return load.Set("buffer", bytes, length).Set("access", "sequential").Set("fail-on", "error").Image();
    }

    // HEIF and JPEG XL turn the picture by their own fields, which the decoder has applied; EXIF's word is void there.
    private static int OrientationOf(VipsImage image, PictureFormat format) =>
        format is PictureFormat.Avif or PictureFormat.Heic or PictureFormat.Jxl ? 1 : image.Orientation;

    private static int BitsOf(int vipsFormat) => vipsFormat switch
    {
        VipsImage.UChar => 8,
        VipsImage.UShort => 16,
        _ => 32,
    };

    private static PictureException Damaged(string name, PictureFormat format, VipsException e)
    {
        string detail = LibraryPrefix().Replace(e.Message.ReplaceLineEndings(" "), "").Trim();
        return new PictureException(
            $"{name}: damaged or truncated {NameOf(format)}{(detail.Length == 0 ? "" : $" ({detail})")}", e);
    }

    private static string NameOf(PictureFormat format) => PictureEncoder.NameOf(format);

    // "VipsJpeg: ", "heif: " and the like before what was found.
    [GeneratedRegex(@"^[\w-]+: ")]
    private static partial Regex LibraryPrefix();
}
