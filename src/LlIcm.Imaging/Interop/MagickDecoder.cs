using ImageMagick;
using NetVips;

namespace LlIcm.Imaging.Interop;

/// <summary>
/// The second decoder, for what the program's own libvips lacks: ImageMagick, by way of Magick.NET. Its result becomes an image of
/// libvips, so that colours are treated in one place.
/// </summary>
internal static class MagickDecoder
{
    static MagickDecoder() => ResourceLimits.Disk = 0;

    /// <summary>Reads the header: an image without pixels worth looking at.</summary>
    /// <exception cref="MagickException">The file is damaged.</exception>
    public static Image Header(PictureFormat format, ReadOnlySpan<byte> data)
    {
        using var magick = new MagickImage();
        magick.Ping(data, Settings(format));
        VipsLibrary.Start();
        int bands = (magick.ColorSpace == ColorSpace.Gray ? 1 : magick.ColorSpace == ColorSpace.CMYK ? 4 : 3) + (magick.HasAlpha ? 1 : 0);
        using Image black = Image.Black(checked((int)magick.Width), checked((int)magick.Height), bands);
        using Image deep = magick.Depth > 8 ? black.Cast(Enums.BandFormat.Ushort) : black.Copy();
        return Described(deep, magick, format, data);
    }

    /// <summary>Decodes the first picture of a file, in 8 bits.</summary>
    /// <exception cref="MagickException">The file is damaged.</exception>
    public static Image Decode(PictureFormat format, ReadOnlySpan<byte> data)
    {
        using var magick = new MagickImage();
        MagickException? damage = null;
        magick.Warning += (_, e) => damage ??= e.Exception is MagickCorruptImageWarningException ? e.Exception : null;
        magick.Read(data, Settings(format));
        if (damage is not null) throw damage;
        string mapping = magick.ColorSpace switch { ColorSpace.Gray => "R", ColorSpace.CMYK => "CMYK", _ => "RGB" };
        if (magick.HasAlpha) mapping += "A";
        using IUnsafePixelCollection<byte> pixels = magick.GetPixelsUnsafe();
        byte[] samples = pixels.ToByteArray(0, 0, magick.Width, magick.Height, mapping)
            ?? throw new MagickCorruptImageErrorException("no pixels");
        using Image image = VipsPixels.Over(samples, (int)magick.Width, (int)magick.Height, mapping.Length);
        return Described(image, magick, format, data);
    }

    private static Image Described(Image image, MagickImage magick, PictureFormat format, ReadOnlySpan<byte> data)
    {
        Enums.Interpretation interpretation = magick.ColorSpace switch
        {
            ColorSpace.Gray => Enums.Interpretation.Bw,
            ColorSpace.CMYK => Enums.Interpretation.Cmyk,
            _ => Enums.Interpretation.Srgb,
        };
        // HEIC is turned already.
        (int orientation, bool animated) = format == PictureFormat.Jxl ? JxlHeader.Read(data) : (1, false);
        int images = animated || format == PictureFormat.Ppm ? Count(format, data) : 1;
        using Image copy = image.Copy(interpretation: interpretation);
        return copy.Mutate(to =>
        {
            if (magick.GetColorProfile() is { } icc) to.Set(GValue.BlobType, VipsField.Icc, icc.ToByteArray());
            if (magick.GetExifProfile()?.ToByteArray() is { } exif) to.Set(GValue.BlobType, VipsField.Exif, exif);
            if (magick.GetXmpProfile()?.ToByteArray() is { } xmp) to.Set(GValue.BlobType, VipsField.Xmp, xmp);
            to.Set(GValue.GIntType, VipsField.Pages, images);
            // Last, because libvips takes the orientation of EXIF that is set.
            to.Set(GValue.GIntType, VipsField.Orientation, orientation);
        });
    }

    private static int Count(PictureFormat format, ReadOnlySpan<byte> data)
    {
        using var all = new MagickImageCollection();
        MagickReadSettings settings = Settings(format);
        (settings.FrameIndex, settings.FrameCount) = (null, null);
        all.Ping(data, settings);
        return Math.Max(1, all.Count);
    }

    private static MagickReadSettings Settings(PictureFormat format) => new()
    {
        Format = format switch
        {
            PictureFormat.Heic => MagickFormat.Heic,
            PictureFormat.Jxl => MagickFormat.Jxl,
            PictureFormat.Bmp => MagickFormat.Bmp,
            _ => MagickFormat.Pnm,
        },
        FrameIndex = 0,
        FrameCount = 1,
    };
}
