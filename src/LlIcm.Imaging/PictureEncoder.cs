using LlIcm.Imaging.Interop;

namespace LlIcm.Imaging;

/// <summary>From a picture to a file's bytes.</summary>
internal static unsafe class PictureEncoder
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
        fixed (byte* p = samples)
        {
            try
            {
                using VipsImage image = VipsImage.View(
                    p, samples.LongLength, picture.Width, picture.Height, alpha ? 4 : 3);
                using VipsImage srgb = image.Apply("copy", op => op.Set("interpretation", "srgb"));
                bool metadata = picture.Exif is not null || picture.Xmp is not null;
                using VipsImage full = metadata ? WithMetadata(srgb, picture) : srgb.Apply("copy");
                using VipsOperation save = Saver(format, options, name).Set("in", full).Set("strip", !metadata);
                return save.Bytes();
            }
            catch (VipsException e)
            {
                throw new PictureException($"{name}: {NameOf(format)} could not be encoded ({e.Message.Trim()})", e);
            }
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

    private static VipsOperation Saver(PictureFormat format, PictureSaveOptions options, string name)
    {
        string saver = format switch
        {
            PictureFormat.Png => "pngsave_buffer",
            PictureFormat.Jpeg => "jpegsave_buffer",
            PictureFormat.WebP => "webpsave_buffer",
            PictureFormat.Tiff => "tiffsave_buffer",
            PictureFormat.Avif => "heifsave_buffer",
            _ => throw new PictureException($"{name}: {NameOf(format)} is read but not written"),
        };
        if (!VipsLibrary.Has(saver))
        {
            throw new PictureException(
                $"{name}: the installed libvips {VipsLibrary.Start()} cannot write {NameOf(format)}");
        }
        VipsOperation save = VipsOperation.Create(saver);
        string subsampling = options.Subsampling switch
        {
            ChromaSubsampling.Yuv444 => "off",
            ChromaSubsampling.Yuv420 => "on",
            _ => "auto",
        };
        return format switch
        {
            PictureFormat.Png => save
                .Set("compression", options.Effort ?? 3)
                .Set("filter", "all")
                .Set("interlace", options.Progressive),
            PictureFormat.Jpeg => save
                .Set("Q", options.Quality)
                .Set("optimize-coding", true)
                .Set("interlace", options.Progressive)
                .Set("subsample-mode", subsampling),
            PictureFormat.WebP => save
                .Set("Q", options.Quality)
                .Set("lossless", options.Lossless)
                .Set("effort", Math.Min(options.Effort ?? 4, 6)),
            PictureFormat.Tiff => save
                .Set("compression", "deflate")
                .Set("predictor", "horizontal"),

            // Always 8 bits: libheif 1.15 aborts the process on 10-bit AV1.
            _ => save
                .Set("compression", "av1")
                .Set("bitdepth", 8)
                .Set("Q", options.Quality)
                .Set("effort", options.Effort ?? 4)
                .Set("subsample-mode", subsampling),
        };
    }

    // libvips writes EXIF from fields that its loaders set. So the EXIF travels through a loader: in a 1x1 JPEG.
    private static VipsImage WithMetadata(VipsImage image, Picture picture)
    {
        VipsImage result;
        if (picture.Exif is { } exif)
        {
            byte[] carrier = JpegWithExif(exif);
            fixed (byte* p = carrier)
            {
                using VipsOperation load = VipsOperation.Create("jpegload_buffer").Set("buffer", p, carrier.Length);
                using VipsImage parsed = load.Image();
                result = image.Apply("copy", op => op
                    .Set("xres", Vips.vips_image_get_xres(parsed))
                    .Set("yres", Vips.vips_image_get_yres(parsed)));
                result.CopyFields(parsed, "exif-");
                result.CopyFields(parsed, "resolution-unit");
                Vips.vips_image_set_int(result, "orientation", 1);
            }
        }
        else
        {
            result = image.Apply("copy");
        }
        if (picture.Xmp is { } xmp) result.SetBlob(VipsImage.XmpField, xmp);
        return result;
    }

    private static byte[] JpegWithExif(byte[] exif)
    {
        byte[] payload = PictureMetadata.WithPrefix(exif);
        if (payload.Length > 65533)
            throw new VipsException("exif", $"{exif.Length} bytes of EXIF are more than the 65527 that can be written");
        byte[] jpeg = Encode(new Picture(1, 1, new byte[3]), PictureFormat.Jpeg, new PictureSaveOptions(), "EXIF");
        int length = payload.Length + 2;
        return [.. jpeg.AsSpan(0, 2), 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. payload, .. jpeg.AsSpan(2)];
    }
}
