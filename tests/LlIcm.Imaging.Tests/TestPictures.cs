using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging.Tests;

/// <summary>Pictures that tests make for themselves, and measures between them.</summary>
internal static class TestPictures
{
    /// <summary>Smooth colour, different in every corner and along every edge: any turn or swap shows.</summary>
    public static Picture Smooth(int width, int height, bool alpha = false)
    {
        byte[] rgb = new byte[3 * width * height];
        byte[]? opacity = alpha ? new byte[width * height] : null;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x;
                rgb[3 * at] = (byte)(20 + 200 * x / Math.Max(1, width - 1));
                rgb[3 * at + 1] = (byte)(230 - 190 * y / Math.Max(1, height - 1));
                rgb[3 * at + 2] = (byte)(60 + 100 * x * y / Math.Max(1, (width - 1) * (height - 1)));
                if (opacity is not null) opacity[at] = (byte)(255 * x / Math.Max(1, width - 1));
            }
        }
        return new Picture(width, height, rgb, opacity);
    }

    /// <summary>Reproducible noise: nothing that a codec could predict.</summary>
    public static Picture Noise(int width, int height, int seed = 1)
    {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).NextBytes(rgb);
        return new Picture(width, height, rgb);
    }

    public static Picture Plain(int width, int height, byte r, byte g, byte b)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i += 3) (rgb[i], rgb[i + 1], rgb[i + 2]) = (r, g, b);
        return new Picture(width, height, rgb);
    }

    public static (byte R, byte G, byte B) Pixel(this Picture picture, int x, int y)
    {
        int at = 3 * (y * picture.Width + x);
        return (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]);
    }

    public static double MeanDifference(byte[] a, byte[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
    }

    public static void AssertNear((byte R, byte G, byte B) expected, (byte R, byte G, byte B) actual, int tolerance)
    {
        bool near = Math.Abs(expected.R - actual.R) <= tolerance
            && Math.Abs(expected.G - actual.G) <= tolerance
            && Math.Abs(expected.B - actual.B) <= tolerance;
        Assert.True(near, $"expected about {expected}, got {actual}");
    }

    /// <summary>Encodes with libvips directly, in ways that the library itself does not offer.</summary>
    public static byte[] EncodeWith(Picture picture, string saver, Func<Image, Image> prepare, VOption? options = null)
    {
        using Image view = VipsPixels.Over(
            PictureEncoder.Interleaved(picture), picture.Width, picture.Height, picture.Alpha is null ? 3 : 4);
        using Image image = prepare(view);
        return (byte[])Operation.Call(saver, options, image);
    }

    /// <summary>A lossless JPEG XL file: the bare codestream.</summary>
    public static byte[] Jxl(Picture picture, Action<ImageMagick.MagickImage>? prepare = null)
    {
        using ImageMagick.MagickImage image = Magick(picture);
        image.Quality = 100;
        prepare?.Invoke(image);
        return image.ToByteArray(ImageMagick.MagickFormat.Jxl);
    }

    /// <summary>The picture in ImageMagick, which writes what libvips here does not.</summary>
    public static ImageMagick.MagickImage Magick(Picture picture)
    {
        string mapping = picture.Alpha is null ? "RGB" : "RGBA";
        var settings = new ImageMagick.PixelReadSettings(
            (uint)picture.Width, (uint)picture.Height, ImageMagick.StorageType.Char, mapping);
        return new ImageMagick.MagickImage(PictureEncoder.Interleaved(picture), settings);
    }

    public static Image AsIs(Image image) => image.Copy();
}
