using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging;

/// <summary>From a picture to a file's bytes.</summary>
internal static class PictureEncoder
{
    /// <summary>A format's name as people write it.</summary>
    public static string NameOf(PictureFormat format) => format switch
    {
        PictureFormat.Jxl => "JPEG XL",
        PictureFormat.WebP => "WebP",
        _ => format.ToString().ToUpperInvariant(),
    };

    public static byte[] Encode(Picture picture, PictureFormat format, PictureSaveOptions options, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Quality, 1, nameof(options.Quality));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Quality, 100, nameof(options.Quality));
        if (options.Effort is < 0 or > 9)
            throw new ArgumentOutOfRangeException(nameof(options), options.Effort, "Effort is 0 to 9");
        if (options.BitDepth != 8 && !(options.BitDepth is 10 or 12 && format == PictureFormat.Avif))
            throw new PictureException($"{name}: {NameOf(format)} is written with 8 bits a sample, AVIF also with 10 and 12, not {options.BitDepth}");
        // An older one comes with a libheif that aborts the process.
        if (options.BitDepth > 8 && VipsLibrary.Start() < new Version(8, 17))
            throw new PictureException($"{name}: AVIF of {options.BitDepth} bits needs libvips 8.17, this is {VipsLibrary.Start()}");
        int limit = format switch { PictureFormat.WebP => 16383, PictureFormat.Jpeg => 65500, _ => int.MaxValue };
        if (picture.Width > limit || picture.Height > limit)
        {
            throw new PictureException(
                $"{name}: {NameOf(format)} holds at most {limit} pixels a side, not {picture.Width}x{picture.Height}");
        }
        if (options.Lossless && format is (PictureFormat.Jpeg or PictureFormat.Avif))
            throw new PictureException($"{name}: there is no lossless {NameOf(format)} here; PNG, TIFF and WebP are");

        bool alpha = picture.Alpha is not null && format != PictureFormat.Jpeg;
        byte[] samples = alpha ? Interleaved(picture) : PictureDrawing.Flatten(picture).Rgb;
        VipsLibrary.ForgetErrors();
        try
        {
            using Image image = VipsPixels.Over(samples, picture.Width, picture.Height, alpha ? 4 : 3);
            bool metadata = picture.Exif is not null || picture.Xmp is not null;
            using Image full = metadata ? WithMetadata(image, picture, name) : image.Copy();
            return Save(full, format, options, name, metadata ? Enums.ForeignKeep.All : Enums.ForeignKeep.None);
        }
        catch (VipsException e)
        {
            throw new PictureException($"{name}: {NameOf(format)} could not be encoded ({VipsLibrary.Detail(e)})", e);
        }
    }

    /// <summary>Interleaved samples: RGB, or RGBA where there is alpha.</summary>
    public static byte[] Interleaved(Picture picture)
    {
        byte[] rgb = picture.Rgb;
        if (picture.Alpha is not { } alpha) return rgb;
        byte[] rgba = new byte[checked(4 * alpha.Length)];
        for (int i = 0, from = 0, to = 0; i < alpha.Length; i++, from += 3, to += 4)
        {
            rgba[to] = rgb[from];
            rgba[to + 1] = rgb[from + 1];
            rgba[to + 2] = rgb[from + 2];
            rgba[to + 3] = alpha[i];
        }
        return rgba;
    }

    private static byte[] Save(
        Image image, PictureFormat format, PictureSaveOptions options, string name, Enums.ForeignKeep keep)
    {
        Enums.ForeignSubsample subsampling = options.Subsampling switch
        {
            ChromaSubsampling.Yuv444 => Enums.ForeignSubsample.Off,
            ChromaSubsampling.Yuv420 => Enums.ForeignSubsample.On,
            _ => Enums.ForeignSubsample.Auto,
        };
        return format switch
        {
            PictureFormat.Png => image.PngsaveBuffer(
                compression: options.Effort ?? 3, filter: Enums.ForeignPngFilter.All, interlace: options.Progressive, keep: keep),
            PictureFormat.Jpeg => image.JpegsaveBuffer(
                q: options.Quality, optimizeCoding: true, interlace: options.Progressive, subsampleMode: subsampling, keep: keep),
            PictureFormat.WebP => image.WebpsaveBuffer(
                q: options.Quality, lossless: options.Lossless, effort: Math.Min(options.Effort ?? 4, 6), keep: keep),
            PictureFormat.Tiff => image.TiffsaveBuffer(
                compression: Enums.ForeignTiffCompression.Deflate, predictor: Enums.ForeignTiffPredictor.Horizontal, keep: keep),

            PictureFormat.Avif => image.HeifsaveBuffer(
                compression: Enums.ForeignHeifCompression.Av1, bitdepth: options.BitDepth, q: options.Quality, effort: options.Effort ?? 4,
                subsampleMode: subsampling, keep: keep),
            _ => throw new PictureException($"{name}: {NameOf(format)} is read but not written"),
        };
    }

    // libvips writes EXIF from fields that its loaders set. So the EXIF travels through a loader: in a 1x1 JPEG.
    private static Image WithMetadata(Image image, Picture picture, string name)
    {
        using Image? parsed = picture.Exif is { } exif ? Image.JpegloadBuffer(JpegWithExif(exif, name)) : null;
        using Image copy = parsed is null ? image.Copy() : image.Copy(xres: parsed.Xres, yres: parsed.Yres);
        return copy.Mutate(to =>
        {
            if (picture.Xmp is { } xmp) to.Set(GValue.BlobType, VipsField.Xmp, xmp);
            if (parsed is null) return;
            foreach (string field in parsed.GetFields())
            {
                if (field.StartsWith("exif-", StringComparison.Ordinal) || field == "resolution-unit")
                    to.Set(parsed.GetTypeOf(field), field, parsed.Get(field));
            }
            to.Set(GValue.GIntType, VipsField.Orientation, 1);
        });
    }

    private static byte[] JpegWithExif(byte[] exif, string name)
    {
        byte[] payload = PictureMetadata.WithPrefix(exif);
        if (payload.Length > 65533)
            throw new PictureException($"{name}: {exif.Length} bytes of EXIF are more than the 65527 that can be written");
        byte[] jpeg = Encode(new Picture(1, 1, new byte[3]), PictureFormat.Jpeg, new PictureSaveOptions(), "EXIF");
        int length = payload.Length + 2;
        return [.. jpeg.AsSpan(0, 2), 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. payload, .. jpeg.AsSpan(2)];
    }
}
