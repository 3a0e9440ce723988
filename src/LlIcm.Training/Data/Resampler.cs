using LlIcm.Imaging;
using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Data;

/// <summary>Cuts and scales pictures with an antialiasing Lanczos filter of three lobes.</summary>
public static class Resampler
{
    /// <summary>Cuts a rectangle and scales it.</summary>
    /// <param name="picture">Where to cut.</param>
    /// <param name="left">Left edge of the rectangle.</param>
    /// <param name="top">Top edge.</param>
    /// <param name="width">Width of the rectangle, in pixels of the picture.</param>
    /// <param name="height">Its height.</param>
    /// <param name="toWidth">Width of the result.</param>
    /// <param name="toHeight">Height of the result.</param>
    /// <returns>The part in 0–1, 8-bit levels.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is empty or leaves the picture, or the result is
    /// empty.</exception>
    public static PlanarImage Crop(
        Picture picture, int left, int top, int width, int height, int toWidth, int toHeight)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(toWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(toHeight, 1);
        Picture part = PictureDrawing.Crop(picture, left, top, width, height);
        byte[] rgb = width == toWidth && height == toHeight
            ? part.Rgb
            : PillowResize.Resize(part.Rgb, width, height, toWidth, toHeight, PillowFilter.Lanczos);
        PlanarImage result = new(toWidth, toHeight);
        Span<float> r = result.Plane(0), g = result.Plane(1), b = result.Plane(2);
        for (int i = 0, from = 0; i < r.Length; i++, from += 3)
        {
            r[i] = rgb[from] * (1f / 255f);
            g[i] = rgb[from + 1] * (1f / 255f);
            b[i] = rgb[from + 2] * (1f / 255f);
        }
        return result;
    }
}
