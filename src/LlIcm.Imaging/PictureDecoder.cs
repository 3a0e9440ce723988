using System.Text.RegularExpressions;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>From a file's bytes to upright 8-bit sRGB.</summary>
internal static partial class PictureDecoder
{
    // Colour, alpha, and what little else a TIFF may sensibly carry; samples are decoded before they are dropped.
    private const int MaxChannels = 16;

    private const string Known = "PNG, JPEG, WebP, TIFF, AVIF, HEIC, JPEG XL, GIF, BMP, PPM";

    public static PictureInfo Identify(ReadOnlySpan<byte> data, string name)
    {
        PictureFormat format = Recognise(data, name);
        try
        {
            FileDescription description = FileDescription.Of(format, data);
            using Image image = description.Lab is null
                ? Open(format, data, name, headerOnly: true)
                : Open(format, TiffHeader.AsRgb(data), name, headerOnly: true);
            int orientation = OrientationOf(image, format);
            bool sideways = orientation >= 5;
            return new PictureInfo(
                format,
                sideways ? image.Height : image.Width,
                sideways ? image.Width : image.Height,
                image.Bands,
                BitsOf(image.Format),
                image.HasAlpha(),
                orientation,
                image.Contains(VipsField.Icc),
                image.Contains(VipsField.Exif),
                image.Contains(VipsField.Xmp),
                ImagesIn(image, description));
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(name, format, e);
        }
    }

    public static Picture Decode(ReadOnlySpan<byte> data, string name, PictureLoadOptions options)
    {
        PictureFormat format = Recognise(data, name);
        try
        {
            FileDescription description = FileDescription.Of(format, data);
            if (IsForMagick(format))
            {
                using Image header = Open(format, data, name, headerOnly: true);
                CheckSize(header, name, options);
            }
            using Image image = description.Lab is null
                ? Open(format, data, name, headerOnly: false)
                : Open(format, TiffHeader.AsRgb(data), name, headerOnly: false);
            CheckSize(image, name, options);
            return Decode(image, format, description, name, options);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(name, format, e);
        }
    }

    private static void CheckSize(Image image, string name, PictureLoadOptions options)
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

    private static Picture Decode(
        Image image, PictureFormat format, FileDescription description, string name, PictureLoadOptions options)
    {
        if (image.Interpretation is not (Enums.Interpretation.Bw or Enums.Interpretation.Grey16 or Enums.Interpretation.Srgb
            or Enums.Interpretation.Rgb or Enums.Interpretation.Rgb16 or Enums.Interpretation.Scrgb or Enums.Interpretation.Cmyk
            or Enums.Interpretation.Multiband))
            throw new PictureException($"{name}: colours of the kind {image.Interpretation} are not converted to sRGB");
        byte[]? profile = description.Lab is null ? PictureColour.ProfileOf(image, description, name) : null;
        using Image unified = SampleDepth.Unified(image, name);
        using Image straight = description.IsPremultiplied ? PictureColour.Straight(unified) : unified.Copy();
        using Image colour = description.Lab is { } encoding
            ? PictureColour.LabToSrgb(straight, encoding)
            : PictureColour.ToSrgb(straight, profile);
        using Image? alpha = PictureColour.Alpha(straight);
        using Image joined = alpha is null ? colour.Copy() : colour.Bandjoin(alpha);
        int orientation = OrientationOf(image, format);
        using Image upright = orientation == 1 ? joined.Copy() : Upright(joined, orientation);
        byte[] samples = VipsPixels.Samples(upright);
        byte[]? exif = options.KeepMetadata ? Blob(image, VipsField.Exif) : null;
        byte[]? xmp = options.KeepMetadata ? Blob(image, VipsField.Xmp) : null;
        (byte[] rgb, byte[]? plane) = alpha is null ? (samples, null) : Split(samples);
        return new Picture(upright.Width, upright.Height, rgb, plane)
        {
            ImagesInFile = ImagesIn(image, description),
            Exif = exif is null ? null : PictureMetadata.UprightExif(exif),
            Xmp = xmp is null ? null : PictureMetadata.UprightXmp(xmp),
        };
    }

    private static int ImagesIn(Image image, FileDescription description) =>
        Math.Max(description.Images, image.Contains(VipsField.Pages) ? (int)image.Get(VipsField.Pages) : 1);

    private static byte[]? Blob(Image image, string field) => image.Contains(field) ? (byte[])image.Get(field) : null;

    /// <summary>A picture from interleaved samples, three or four a pixel.</summary>
    public static Picture FromSamples(byte[] samples, int width, int height, int bands)
    {
        if (bands == 3) return new Picture(width, height, samples);
        (byte[] rgb, byte[] alpha) = Split(samples);
        return new Picture(width, height, rgb, alpha);
    }

    // Files are decoded top to bottom, once; a turn needs the pixels in another order.
    private static Image Upright(Image image, int orientation)
    {
        using Image memory = VipsPixels.InMemory(image);
        using Image marked = memory.Mutate(to => to.Set(GValue.GIntType, VipsField.Orientation, orientation));
        return marked.Autorot();
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
    private static Image Open(PictureFormat format, ReadOnlySpan<byte> data, string name, bool headerOnly)
    {
        VipsLibrary.ForgetErrors();
        if (format == PictureFormat.Png) PngHeader.Check(data, name);
        if (IsForMagick(format))
        {
            try
            {
                return OpenWithMagick(format, data, name, headerOnly);
            }
            catch (FileNotFoundException e) when (e.FileName?.StartsWith("Magick.NET", StringComparison.Ordinal) is true)
            {
                throw new PictureException($"{name}: {NameOf(format)} cannot be read without the package Magick.NET-Q8-AnyCPU", e);
            }
        }
        string loader = LoaderOf(format);
        if (!VipsLibrary.Has(loader))
            throw new PictureException($"{name}: libvips {VipsLibrary.Start()} cannot read {NameOf(format)} here");
        using Source source = Source.NewFromMemory(data);
        return (Image)Operation.Call(
            loader, new VOption { { "access", Enums.Access.Sequential }, { "fail_on", Enums.FailOn.Error } }, source);
    }

    private static Image OpenWithMagick(PictureFormat format, ReadOnlySpan<byte> data, string name, bool headerOnly)
    {
        try
        {
            return headerOnly ? MagickDecoder.Header(format, data) : MagickDecoder.Decode(format, data);
        }
        catch (Exception e) when (e is DllNotFoundException || e is TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new PictureException(
                $"{name}: {NameOf(format)} cannot be read on this system, unless {VipsLibrary.Variable} names a libvips that can", e);
        }
    }

    private static string LoaderOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => "pngload_source",
        PictureFormat.Jpeg => "jpegload_source",
        PictureFormat.WebP => "webpload_source",
        PictureFormat.Tiff => "tiffload_source",
        PictureFormat.Avif or PictureFormat.Heic => "heifload_source",
        PictureFormat.Gif => "gifload_source",
        PictureFormat.Jxl => "jxlload_source",
        PictureFormat.Bmp => "magickload_source",
        _ => "ppmload_source",
    };

    // The program's own libvips cannot read these; one that the user named is asked first.
    private static bool IsForMagick(PictureFormat format) =>
        format is PictureFormat.Heic or PictureFormat.Jxl or PictureFormat.Bmp or PictureFormat.Ppm
        && !(VipsLibrary.IsNamed && VipsLibrary.Has(LoaderOf(format)));

    // HEIF and JPEG XL turn the picture by their own fields; EXIF's word is void there. libvips has applied them.
    private static int OrientationOf(Image image, PictureFormat format)
    {
        bool done = format is PictureFormat.Avif or PictureFormat.Heic or PictureFormat.Jxl && !IsForMagick(format);
        int orientation = !done && image.Contains(VipsField.Orientation) ? (int)image.Get(VipsField.Orientation) : 1;
        return orientation is >= 1 and <= 8 ? orientation : 1;
    }

    private static int BitsOf(Enums.BandFormat format) => format switch
    {
        Enums.BandFormat.Uchar => 8,
        Enums.BandFormat.Ushort => 16,
        _ => 32,
    };

    // Decoders throw what they like at a damaged file. What is not the file's fault passes.
    private static bool IsDamage(Exception e) => e is not (PictureException or VipsUnavailableException or OutOfMemoryException
        or DllNotFoundException or TypeInitializationException);

    private static PictureException Damaged(string name, PictureFormat format, Exception e)
    {
        string said = e is VipsException vips ? VipsLibrary.Detail(vips) : e.Message;
        string detail = LibraryPrefix().Replace(said.ReplaceLineEndings(" "), "").Trim();
        return new PictureException(
            $"{name}: damaged or truncated {NameOf(format)}{(detail.Length == 0 ? "" : $" ({detail})")}", e);
    }

    private static string NameOf(PictureFormat format) => PictureEncoder.NameOf(format);

    // "VipsJpeg: ", "heif: " and the like before what was found.
    [GeneratedRegex(@"^[\w-]+: ")]
    private static partial Regex LibraryPrefix();
}
