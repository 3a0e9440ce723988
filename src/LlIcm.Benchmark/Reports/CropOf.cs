using LlIcm.Imaging;

namespace LlIcm.Benchmark.Reports;

/// <summary>Parts of pictures.</summary>
internal static class CropOf
{
    private const int Step = 16;

    /// <summary>The square, on a grid of 16 pixels, in which two pictures differ most; of equal pictures the one of most contrast between neighbours.</summary>
    public static (int X, int Y, int Width, int Height) Liveliest(Picture input, Picture target, int side)
    {
        (int width, int height) = (Math.Min(side, target.Width), Math.Min(side, target.Height));
        bool same = input.Rgb.AsSpan().SequenceEqual(target.Rgb);
        // Sums over rectangles in one pass.
        int stride = target.Width + 1;
        double[] sums = new double[stride * (target.Height + 1)];
        for (int y = 0; y < target.Height; y++)
        {
            double row = 0;
            for (int x = 0; x < target.Width; x++)
            {
                int at = 3 * (y * target.Width + x), next = x + 1 < target.Width ? at + 3 : at;
                for (int c = 0; c < 3; c++) row += same ? Math.Abs(target.Rgb[next + c] - target.Rgb[at + c]) : Math.Abs(input.Rgb[at + c] - target.Rgb[at + c]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        (int X, int Y) best = (0, 0);
        double most = -1;
        for (int y = 0; y + height <= target.Height; y += Step)
        {
            for (int x = 0; x + width <= target.Width; x += Step)
            {
                double sum = sums[(y + height) * stride + x + width] - sums[y * stride + x + width] - sums[(y + height) * stride + x] + sums[y * stride + x];
                if (sum > most) (most, best) = (sum, (x, y));
            }
        }
        return (best.X, best.Y, width, height);
    }

    /// <summary>A part of a picture.</summary>
    public static Picture Cut(Picture picture, int x, int y, int width, int height)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int row = 0; row < height; row++)
            picture.Rgb.AsSpan(3 * ((y + row) * picture.Width + x), 3 * width).CopyTo(rgb.AsSpan(3 * row * width));
        return new Picture(width, height, rgb);
    }
}
