using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>A picture as three planes of single-precision values, row after row.</summary>
internal sealed class Planes
{
    private Planes(int width, int height, float[][] values) => (Width, Height, Values) = (width, height, values);

    public int Width { get; }

    public int Height { get; }

    /// <summary>Three planes <c>[Height, Width]</c>.</summary>
    public float[][] Values { get; }

    /// <summary>R, G, B, 0–255.</summary>
    public static Planes Of(Picture picture)
    {
        int count = picture.Width * picture.Height;
        float[][] values = [new float[count], new float[count], new float[count]];
        for (int i = 0; i < count; i++)
            for (int c = 0; c < 3; c++) values[c][i] = picture.Rgb[3 * i + c];
        return new Planes(picture.Width, picture.Height, values);
    }

    /// <summary>L* (0–100), a*, b* of CIELAB under D65.</summary>
    public static Planes LabOf(Picture picture)
    {
        Planes planes = Of(picture);
        for (int i = 0; i < planes.Values[0].Length; i++)
        {
            float r = Linear(planes.Values[0][i]), g = Linear(planes.Values[1][i]), b = Linear(planes.Values[2][i]);
            float x = Root((0.412453f * r + 0.357580f * g + 0.180423f * b) / 0.950456f);
            float y = Root(0.212671f * r + 0.715160f * g + 0.072169f * b);
            float z = Root((0.019334f * r + 0.119193f * g + 0.950227f * b) / 1.088754f);
            (planes.Values[0][i], planes.Values[1][i], planes.Values[2][i]) = (116f * y - 16f, 500f * (x - y), 200f * (y - z));
        }
        return planes;
    }

    /// <summary>A picture of R, G, B planes, rounded.</summary>
    public Picture ToPicture()
    {
        byte[] rgb = new byte[3 * Width * Height];
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < Values[c].Length; i++) rgb[3 * i + c] = (byte)(Math.Clamp(Values[c][i], 0f, 255f) + 0.5f);
        return new Picture(Width, Height, rgb);
    }

    /// <summary>A picture of L*, a*, b* planes, rounded.</summary>
    public Picture LabToPicture()
    {
        Planes rgb = new(Width, Height, [new float[Values[0].Length], new float[Values[0].Length], new float[Values[0].Length]]);
        for (int i = 0; i < Values[0].Length; i++)
        {
            float fy = (Values[0][i] + 16f) / 116f, fx = fy + Values[1][i] / 500f, fz = fy - Values[2][i] / 200f;
            float x = 0.950456f * Cube(fx), y = Cube(fy), z = 1.088754f * Cube(fz);
            rgb.Values[0][i] = Encoded(3.240479f * x - 1.537150f * y - 0.498535f * z);
            rgb.Values[1][i] = Encoded(-0.969256f * x + 1.875991f * y + 0.041556f * z);
            rgb.Values[2][i] = Encoded(0.055648f * x - 0.204043f * y + 1.057311f * z);
        }
        return rgb.ToPicture();
    }

    /// <summary>The mean over squares of 2 r + 1 pixels; beyond the picture its edge goes on.</summary>
    public static float[] Box(float[] plane, int width, int height, int radius)
    {
        float[] rows = new float[plane.Length], result = new float[plane.Length];
        double scale = 1.0 / (2 * radius + 1);
        for (int y = 0; y < height; y++)
        {
            double sum = 0;
            for (int x = -radius; x <= radius; x++) sum += plane[y * width + Math.Clamp(x, 0, width - 1)];
            for (int x = 0; x < width; x++)
            {
                rows[y * width + x] = (float)(sum * scale);
                sum += plane[y * width + Math.Min(x + radius + 1, width - 1)] - plane[y * width + Math.Max(x - radius, 0)];
            }
        }
        double[] sums = new double[width];
        for (int y = -radius; y <= radius; y++)
            for (int x = 0; x < width; x++) sums[x] += rows[Math.Clamp(y, 0, height - 1) * width + x];
        for (int y = 0; y < height; y++)
        {
            int entering = Math.Min(y + radius + 1, height - 1) * width, leaving = Math.Max(y - radius, 0) * width;
            for (int x = 0; x < width; x++)
            {
                result[y * width + x] = (float)(sums[x] * scale);
                sums[x] += rows[entering + x] - rows[leaving + x];
            }
        }
        return result;
    }

    /// <summary>A Gaussian blur; beyond the picture its edge goes on.</summary>
    public static float[] Gaussian(float[] plane, int width, int height, double sigma)
    {
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        float[] kernel = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(i => (float)Math.Exp(-i * i / (2 * sigma * sigma)))];
        float total = kernel.Sum();
        float[] rows = new float[plane.Length], result = new float[plane.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float sum = 0;
                for (int i = -radius; i <= radius; i++) sum += kernel[i + radius] * plane[y * width + Math.Clamp(x + i, 0, width - 1)];
                rows[y * width + x] = sum / total;
            }
        }
        for (int y = 0; y < height; y++)
        {
            Span<float> row = result.AsSpan(y * width, width);
            for (int i = -radius; i <= radius; i++)
            {
                float weight = kernel[i + radius] / total;
                ReadOnlySpan<float> from = rows.AsSpan(Math.Clamp(y + i, 0, height - 1) * width, width);
                for (int x = 0; x < width; x++) row[x] += weight * from[x];
            }
        }
        return result;
    }

    private static float Linear(float value)
    {
        float v = value / 255f;
        return v <= 0.04045f ? v / 12.92f : MathF.Pow((v + 0.055f) / 1.055f, 2.4f);
    }

    private static float Encoded(float light)
    {
        float v = light <= 0.0031308f ? 12.92f * light : 1.055f * MathF.Pow(light, 1 / 2.4f) - 0.055f;
        return 255f * v;
    }

    private static float Root(float t) => t > 0.008856f ? MathF.Cbrt(t) : 7.787f * t + 16f / 116f;

    private static float Cube(float f) => f > 0.206893f ? f * f * f : (f - 16f / 116f) / 7.787f;
}
