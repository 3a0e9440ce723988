namespace LlIcm.Imaging;

/// <summary>A picture in memory: 8-bit sRGB, upright, with an optional alpha plane and optional metadata.</summary>
/// <remarks>The arrays are the picture's own storage, not copies: writing into them changes the picture.</remarks>
public sealed class Picture
{
    /// <summary>Wraps pixel data; nothing is copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="rgb">Interleaved R, G, B in sRGB, 0–255, row after row: <c>3 * width * height</c> bytes.</param>
    /// <param name="alpha">Opacity, 0–255 (opaque), not premultiplied: <c>width * height</c> bytes; or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is smaller than 1.</exception>
    /// <exception cref="ArgumentException">An array's length does not fit the size.</exception>
    public Picture(int width, int height, byte[] rgb, byte[]? alpha = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(rgb);
        long pixels = (long)width * height;
        if (rgb.Length != 3 * pixels)
            throw new ArgumentException($"{width}x{height} takes {3 * pixels} bytes, not {rgb.Length}", nameof(rgb));
        if (alpha is not null && alpha.Length != pixels)
            throw new ArgumentException($"{width}x{height} takes {pixels} bytes, not {alpha.Length}", nameof(alpha));
        Width = width;
        Height = height;
        Rgb = rgb;
        Alpha = alpha;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Interleaved R, G, B in sRGB, 0–255: <c>[Height, Width, 3]</c>.</summary>
    public byte[] Rgb { get; }

    /// <summary>Opacity, 0–255 (opaque), not premultiplied: <c>[Height, Width]</c>; null: all opaque.</summary>
    public byte[]? Alpha { get; }

    /// <summary>EXIF as a TIFF structure (starts with <c>II</c> or <c>MM</c>, not with <c>Exif</c>); or null.</summary>
    public byte[]? Exif { get; init; }

    /// <summary>XMP packet, UTF-8; or null.</summary>
    public byte[]? Xmp { get; init; }

    /// <summary>How many pictures, frames or pages the file holds that this one was read from; it is the first or main one.</summary>
    public int ImagesInFile { get; init; } = 1;
}
