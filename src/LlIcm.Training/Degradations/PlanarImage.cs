namespace LlIcm.Training.Degradations;

/// <summary>
/// An RGB picture as three planes of floats, nominally in 0–1 (sRGB-encoded): <c>[3, Height, Width]</c>.
/// </summary>
public sealed class PlanarImage
{
    /// <summary>Wraps pixel data; nothing is copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">All of R, then all of G, then all of B: <c>3 * width * height</c> values.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is smaller than 1.</exception>
    /// <exception cref="ArgumentException">The array's length does not fit the size.</exception>
    public PlanarImage(int width, int height, float[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != 3L * width * height)
        {
            throw new ArgumentException(
                $"{width}x{height} takes {3L * width * height} values, not {pixels.Length}", nameof(pixels));
        }
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>A black picture.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public PlanarImage(int width, int height)
        : this(width, height, new float[3 * Math.Max(width, 0) * Math.Max(height, 0)])
    {
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The picture's own storage, <c>[3, Height, Width]</c>.</summary>
    public float[] Pixels { get; }

    /// <summary>Pixels in one plane.</summary>
    public int PlaneSize => Width * Height;

    /// <summary>One plane, row after row: 0 is R, 1 G, 2 B.</summary>
    public Span<float> Plane(int channel) => Pixels.AsSpan(channel * PlaneSize, PlaneSize);

    /// <summary>A copy with its own storage.</summary>
    public PlanarImage Clone() => new(Width, Height, (float[])Pixels.Clone());

    /// <summary>
    /// Limits every value to 0–1 and rounds it to the nearest 1/255, as saving to an 8-bit file would.
    /// </summary>
    public PlanarImage Quantise()
    {
        Span<float> pixels = Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            // Written so that NaN ends as 0.
            float v = pixels[i];
            v = v > 0f ? Math.Min(v, 1f) : 0f;
            pixels[i] = (int)(v * 255f + 0.5f) * (1f / 255f);
        }
        return this;
    }

    /// <summary>Makes planes of interleaved 8-bit RGB.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">R, G, B of every pixel, row after row.</param>
    /// <exception cref="ArgumentException">The data's length does not fit the size.</exception>
    public static PlanarImage FromInterleaved(int width, int height, ReadOnlySpan<byte> rgb)
    {
        PlanarImage image = new(width, height);
        if (rgb.Length != image.Pixels.Length)
        {
            throw new ArgumentException(
                $"{width}x{height} takes {image.Pixels.Length} bytes, not {rgb.Length}", nameof(rgb));
        }
        Span<float> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int i = 0, j = 0; i < r.Length; i++, j += 3)
        {
            r[i] = rgb[j] * (1f / 255f);
            g[i] = rgb[j + 1] * (1f / 255f);
            b[i] = rgb[j + 2] * (1f / 255f);
        }
        return image;
    }

    /// <summary>The picture as interleaved 8-bit RGB, limited and rounded.</summary>
    public byte[] ToInterleaved()
    {
        byte[] rgb = new byte[Pixels.Length];
        int plane = PlaneSize;
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<float> from = Plane(c);
            for (int i = 0, j = c; i < plane; i++, j += 3)
            {
                float v = from[i];
                rgb[j] = (byte)((v > 0f ? Math.Min(v, 1f) : 0f) * 255f + 0.5f);
            }
        }
        return rgb;
    }
}
