using System.Runtime.Intrinsics;

namespace LlIcm.Training.Degradations;

/// <summary>
/// The loss of baseline JPEG (ITU-T T.81): YCbCr, halved colour, 8×8 DCT and the quantisation tables of annex K
/// scaled as
/// libjpeg does; without the entropy coding, which loses nothing.
/// </summary>
public sealed class Jpeg(JpegOptions? options = null) : DegradationModel
{
    private static readonly byte[] s_luma =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static readonly byte[] s_chroma =
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ];

    // The orthonormal DCT-II: row k holds the k-th cosine.
    private static readonly float[] s_cosines = [.. Enumerable.Range(0, 64).Select(i =>
        (float)(Math.Sqrt(i < 8 ? 0.125 : 0.25) * Math.Cos((2 * (i % 8) + 1) * (i / 8) * Math.PI / 16)))];

    private readonly JpegOptions _options = options ?? new JpegOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.JpegCompressed;

    /// <summary>Passes a picture through JPEG's loss; changed in place.</summary>
    /// <param name="image">The picture, 0–1.</param>
    /// <param name="quality">1–100 as libjpeg counts it.</param>
    /// <param name="fullColour">4:4:4 instead of 4:2:0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is outside 1–100.</exception>
    public static void Compress(PlanarImage image, int quality, bool fullColour = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        int width = image.Width, height = image.Height;
        int paddedWidth = (width + 15) & ~15, paddedHeight = (height + 15) & ~15;
        float[] luma = new float[paddedWidth * paddedHeight], cb = new float[luma.Length], cr = new float[luma.Length];
        ReadOnlySpan<float> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        for (int y = 0; y < paddedHeight; y++)
        {
            int from = Math.Min(y, height - 1) * width;
            for (int x = 0; x < paddedWidth; x++)
            {
                int i = from + Math.Min(x, width - 1), o = y * paddedWidth + x;
                luma[o] = 255f * (0.299f * r[i] + 0.587f * g[i] + 0.114f * b[i]) - 128f;
                cb[o] = 255f * (-0.168736f * r[i] - 0.331264f * g[i] + 0.5f * b[i]);
                cr[o] = 255f * (0.5f * r[i] - 0.418688f * g[i] - 0.081312f * b[i]);
            }
        }
        Requantise(luma, paddedWidth, paddedHeight, Table(s_luma, quality));
        float[] chroma = Table(s_chroma, quality);
        if (fullColour)
        {
            Requantise(cb, paddedWidth, paddedHeight, chroma);
            Requantise(cr, paddedWidth, paddedHeight, chroma);
        }
        else
        {
            cb = Halved(cb, paddedWidth, paddedHeight, chroma);
            cr = Halved(cr, paddedWidth, paddedHeight, chroma);
        }
        Span<float> red = image.Plane(0), green = image.Plane(1), blue = image.Plane(2);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * paddedWidth + x, o = y * width + x;
                float l = luma[i] + 128f;
                red[o] = (l + 1.402f * cr[i]) * (1f / 255f);
                green[o] = (l - 0.344136f * cb[i] - 0.714136f * cr[i]) * (1f / 255f);
                blue[o] = (l + 1.772f * cb[i]) * (1f / 255f);
            }
        }
    }

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int quality = Math.Clamp((int)MathF.Round(_options.Quality.At(severity)), 1, 100);
        Compress(image, quality, random.Chance(_options.FullColourChance));
        return null;
    }

    private static float[] Table(byte[] basis, int quality)
    {
        int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        return [.. basis.Select(step => (float)Math.Clamp((step * scale + 50) / 100, 1, 255))];
    }

    private static float[] Halved(float[] plane, int width, int height, float[] table)
    {
        int w = width / 2, h = height / 2;
        float[] half = new float[w * h];
        for (int y = 0; y < h; y++)
        {
            for (int x = 0; x < w; x++)
            {
                int i = 2 * y * width + 2 * x;
                half[y * w + x] = 0.25f * (plane[i] + plane[i + 1] + plane[i + width] + plane[i + width + 1]);
            }
        }
        // Planes of whole pairs of blocks, so their halves consist of whole blocks.
        Requantise(half, w, h, table);
        // Back up as libjpeg's "fancy" upsampling: 3/4 of the nearer, 1/4 of the farther sample, in both directions.
        for (int y = 0; y < height; y++)
        {
            int near = (y / 2) * w, far = Math.Clamp((y & 1) == 0 ? y / 2 - 1 : y / 2 + 1, 0, h - 1) * w;
            for (int x = 0; x < width; x++)
            {
                int a = x / 2, b = Math.Clamp((x & 1) == 0 ? a - 1 : a + 1, 0, w - 1);
                plane[y * width + x] = 0.5625f * half[near + a] + 0.1875f * (half[near + b] + half[far + a])
                    + 0.0625f * half[far + b];
            }
        }
        return plane;
    }

    private static void Requantise(float[] plane, int width, int height, float[] table)
    {
        Span<Vector256<float>> block = stackalloc Vector256<float>[8];
        Span<Vector256<float>> steps = stackalloc Vector256<float>[8];
        for (int i = 0; i < 8; i++) steps[i] = Vector256.Create(table.AsSpan(8 * i, 8));
        for (int top = 0; top < height; top += 8)
        {
            for (int left = 0; left < width; left += 8)
            {
                for (int i = 0; i < 8; i++) block[i] = Vector256.Create(plane.AsSpan((top + i) * width + left, 8));
                Columns(block, inverse: false);
                Transpose(block);
                Columns(block, inverse: false);
                Transpose(block);
                for (int i = 0; i < 8; i++) block[i] = Vector256.Round(block[i] / steps[i]) * steps[i];
                Columns(block, inverse: true);
                Transpose(block);
                Columns(block, inverse: true);
                Transpose(block);
                for (int i = 0; i < 8; i++) block[i].CopyTo(plane.AsSpan((top + i) * width + left, 8));
            }
        }
    }

    // The one-dimensional transform of all eight columns.
    private static void Columns(Span<Vector256<float>> block, bool inverse)
    {
        Span<Vector256<float>> result = stackalloc Vector256<float>[8];
        float[] cosines = s_cosines;
        for (int k = 0; k < 8; k++)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int n = 0; n < 8; n++) sum += block[n] * cosines[inverse ? n * 8 + k : k * 8 + n];
            result[k] = sum;
        }
        result.CopyTo(block);
    }

    private static void Transpose(Span<Vector256<float>> block)
    {
        Span<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<Vector256<float>, float>(block);
        for (int y = 0; y < 8; y++)
        {
            for (int x = y + 1; x < 8; x++)
                (values[y * 8 + x], values[x * 8 + y]) = (values[x * 8 + y], values[y * 8 + x]);
        }
    }
}
