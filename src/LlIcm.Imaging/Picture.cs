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

    /// <summary>A picture of pixels as another library has them; they are copied.</summary>
    /// <param name="pixels">sRGB in 8 bits.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="layout">The order of the bytes.</param>
    /// <param name="stride">Bytes from one row to the next; 0: rows lie side by side.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is smaller than 1, the stride shorter than a row, or there is no such layout.</exception>
    /// <exception cref="ArgumentException">There are fewer bytes than the size takes.</exception>
    public static Picture FromPixels(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (int size, int red, int green, int blue, int opacity) = BytesOf(layout);
        stride = StrideOf(pixels.Length, width, height, size, stride, nameof(pixels));
        byte[] rgb = new byte[3L * width * height];
        byte[]? alpha = opacity < 0 ? null : new byte[(long)width * height];
        for (int y = 0, to = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels[(int)((long)y * stride)..];
            for (int x = 0; x < width; x++, to++)
            {
                ReadOnlySpan<byte> pixel = row.Slice(x * size, size);
                (rgb[3 * to], rgb[3 * to + 1], rgb[3 * to + 2]) = (pixel[red], pixel[green], pixel[blue]);
                if (alpha is not null) alpha[to] = pixel[opacity];
            }
        }
        // What is opaque everywhere needs no plane.
        return new Picture(width, height, rgb, alpha is not null && alpha.AsSpan().ContainsAnyExcept((byte)255) ? alpha : null);
    }

    /// <summary>Copies the pixels to where another library wants them. Without alpha they are opaque; grey is BT.601's luma.</summary>
    /// <param name="pixels">Where to.</param>
    /// <param name="layout">The order of the bytes.</param>
    /// <param name="stride">Bytes from one row to the next; 0: rows lie side by side.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stride is shorter than a row, or there is no such layout.</exception>
    /// <exception cref="ArgumentException">There is less space than the size takes.</exception>
    public void CopyPixelsTo(Span<byte> pixels, PixelLayout layout, int stride = 0)
    {
        (int size, int red, int green, int blue, int opacity) = BytesOf(layout);
        stride = StrideOf(pixels.Length, Width, Height, size, stride, nameof(pixels));
        for (int y = 0, from = 0; y < Height; y++)
        {
            Span<byte> row = pixels[(int)((long)y * stride)..];
            for (int x = 0; x < Width; x++, from++)
            {
                Span<byte> pixel = row.Slice(x * size, size);
                (byte r, byte g, byte b) = (Rgb[3 * from], Rgb[3 * from + 1], Rgb[3 * from + 2]);
                if (size == 1)
                {
                    pixel[0] = (byte)((299 * r + 587 * g + 114 * b + 500) / 1000);
                    continue;
                }
                (pixel[red], pixel[green], pixel[blue]) = (r, g, b);
                if (opacity >= 0) pixel[opacity] = Alpha?[from] ?? 255;
            }
        }
    }

    private static (int Size, int Red, int Green, int Blue, int Alpha) BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Rgb => (3, 0, 1, 2, -1),
        PixelLayout.Rgba => (4, 0, 1, 2, 3),
        PixelLayout.Bgr => (3, 2, 1, 0, -1),
        PixelLayout.Bgra => (4, 2, 1, 0, 3),
        PixelLayout.Grey => (1, 0, 0, 0, -1),
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "there is no such layout"),
    };

    private static int StrideOf(int length, int width, int height, int size, int stride, string name)
    {
        long row = (long)width * size;
        if (stride == 0) stride = checked((int)row);
        if (stride < row) throw new ArgumentOutOfRangeException(nameof(stride), stride, $"a row takes {row} bytes");
        long needed = (height - 1L) * stride + row;
        return length >= needed ? stride : throw new ArgumentException($"{width}x{height} takes {needed} bytes, not {length}", name);
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
