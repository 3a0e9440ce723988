using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm;

/// <summary>Missing parts of pictures: told by a mask, found by their colour, filled.</summary>
public static class HoleMask
{
    /// <summary>What a mask leaves out.</summary>
    /// <param name="mask">White (≥ 128) where pixels are kept, black where they are missing.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <returns>Whether each pixel is missing, row-major; null if none is.</returns>
    /// <exception cref="ArgumentException">The mask has another size than the picture.</exception>
    public static bool[]? Read(Picture mask, int width, int height)
    {
        if (mask.Width != width || mask.Height != height)
            throw new ArgumentException($"the mask has {mask.Width}x{mask.Height} pixels, the picture {width}x{height}", nameof(mask));
        return Mark(width * height, i => mask.Rgb[3 * i] < 128);
    }

    /// <summary>What is painted pure white, as data sets for inpainting have it.</summary>
    /// <returns>Whether each pixel is missing, row-major; null if none is.</returns>
    public static bool[]? Painted(Picture picture) => Mark(
        picture.Width * picture.Height,
        i => picture.Rgb[3 * i] == 255 && picture.Rgb[3 * i + 1] == 255 && picture.Rgb[3 * i + 2] == 255);

    /// <summary>What was painted white before it was coded: nearly white pixels, and their neighbours, into which coding has spread them.</summary>
    /// <returns>Whether each pixel is missing, row-major; null if none is.</returns>
    public static bool[]? PaintedAndCoded(Picture picture)
    {
        const byte nearlyWhite = 246;
        const int reach = 2;
        (int width, int height) = (picture.Width, picture.Height);
        bool[]? white = Mark(width * height, i => picture.Rgb.AsSpan(3 * i, 3).IndexOfAnyInRange((byte)0, (byte)(nearlyWhite - 1)) < 0);
        if (white is null) return null;
        bool[] wide = new bool[white.Length], grown = new bool[white.Length];
        for (int i = 0; i < white.Length; i++)
            for (int x = Math.Max(i % width - reach, 0); white[i] && x <= Math.Min(i % width + reach, width - 1); x++) wide[i - i % width + x] = true;
        for (int i = 0; i < white.Length; i++)
            for (int y = Math.Max(i / width - reach, 0); wide[i] && y <= Math.Min(i / width + reach, height - 1); y++) grown[y * width + i % width] = true;
        return grown;
    }

    /// <summary>The mask of holes: white where pixels are kept.</summary>
    public static Picture ToPicture(bool[] holes, int width, int height)
    {
        byte[] rgb = new byte[3 * holes.Length];
        for (int i = 0; i < holes.Length; i++)
            if (!holes[i]) rgb.AsSpan(3 * i, 3).Fill(255);
        return new Picture(width, height, rgb);
    }

    /// <summary>Fills holes smoothly, see <see cref="HoleFilling"/>.</summary>
    /// <returns>A new picture; alpha and metadata are passed on.</returns>
    public static Picture Fill(Picture picture, bool[] holes)
    {
        byte[] rgb = [.. picture.Rgb];
        float[] plane = new float[holes.Length];
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < plane.Length; i++) plane[i] = rgb[3 * i + c] * (1 / 255f);
            HoleFilling.Fill(plane, holes, picture.Width, picture.Height);
            for (int i = 0; i < plane.Length; i++)
                if (holes[i]) rgb[3 * i + c] = (byte)(Math.Clamp(plane[i], 0f, 1f) * 255f + 0.5f);
        }
        return With(picture, rgb);
    }

    /// <summary>Paints holes white, DA-CLIP's convention.</summary>
    /// <returns>A new picture; alpha and metadata are passed on.</returns>
    internal static Picture PaintWhite(Picture picture, bool[] holes)
    {
        byte[] rgb = [.. picture.Rgb];
        for (int i = 0; i < holes.Length; i++)
            if (holes[i]) rgb.AsSpan(3 * i, 3).Fill(255);
        return With(picture, rgb);
    }

    private static Picture With(Picture picture, byte[] rgb) =>
        new(picture.Width, picture.Height, rgb, picture.Alpha) { Exif = picture.Exif, Xmp = picture.Xmp };

    private static bool[]? Mark(int count, Func<int, bool> isHole)
    {
        var holes = new bool[count];
        bool any = false;
        for (int i = 0; i < count; i++) any |= holes[i] = isHole(i);
        return any ? holes : null;
    }
}
