namespace LlIcm.Vision;

/// <summary>What a <see cref="DegradationClassifier"/> sees of a picture: the whole, made small, and four squares at native size.</summary>
public static class ClassifierViews
{
    /// <summary>Side of the views in pixels.</summary>
    public const int Side = 128;

    /// <summary>Squares of a picture.</summary>
    public const int Squares = 4;

    /// <summary>The whole picture, made small by Pillow's bicubic filter whatever its proportions.</summary>
    /// <param name="rgb">Interleaved 8-bit RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Planes in 0–1, <c>[3, Side, Side]</c>.</returns>
    public static float[] Whole(ReadOnlySpan<byte> rgb, int width, int height)
    {
        byte[] small = PillowResize.Bicubic(rgb, width, height, Side, Side);
        float[] planes = new float[3 * Side * Side];
        for (int i = 0; i < Side * Side; i++)
            for (int c = 0; c < 3; c++) planes[c * Side * Side + i] = small[3 * i + c] * (1 / 255f);
        return planes;
    }

    /// <summary>One square of a picture; where it reaches beyond the picture, that goes on mirrored.</summary>
    /// <param name="rgb">Interleaved 8-bit RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Top edge.</param>
    /// <param name="planes">Where it goes, in 0–1, <c>[3, Side, Side]</c>.</param>
    public static void Square(ReadOnlySpan<byte> rgb, int width, int height, int left, int top, Span<float> planes)
    {
        for (int y = 0; y < Side; y++)
        {
            int row = Mirrored(top + y, height) * width;
            for (int x = 0; x < Side; x++)
            {
                int from = 3 * (row + Mirrored(left + x, width));
                for (int c = 0; c < 3; c++) planes[c * Side * Side + y * Side + x] = rgb[from + c] * (1 / 255f);
            }
        }
    }

    /// <summary>The squares that are looked at: the middles of the picture's quarters.</summary>
    /// <param name="rgb">Interleaved 8-bit RGB <c>[height, width, 3]</c>.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <returns>Planes in 0–1, <c>[Squares, 3, Side, Side]</c>.</returns>
    public static float[] Details(ReadOnlySpan<byte> rgb, int width, int height)
    {
        float[] planes = new float[Squares * 3 * Side * Side];
        for (int i = 0; i < Squares; i++)
        {
            int left = Start(width, i % 2), top = Start(height, i / 2);
            Square(rgb, width, height, left, top, planes.AsSpan(i * 3 * Side * Side, 3 * Side * Side));
        }
        return planes;
    }

    // Around a quarter and three quarters, not beyond the picture where that can be.
    private static int Start(int size, int second) => Math.Clamp((second * 2 + 1) * size / 4 - Side / 2, 0, Math.Max(0, size - Side));

    private static int Mirrored(int at, int size)
    {
        int period = 2 * size;
        at %= period;
        return at < size ? at : period - 1 - at;
    }
}
