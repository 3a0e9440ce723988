using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>Contrast-limited adaptive histogram equalisation of the lightness (Zuiderveld, Graphics Gems IV, 1994).</summary>
public sealed class Clahe : IRestorerUnderTest
{
    private const int Levels = 256;

    /// <summary>How many times the mean a histogram's bin may hold; what exceeds it is spread over all.</summary>
    public double ClipLimit { get; init; } = 2;

    /// <summary>Tiles across and down.</summary>
    public int Tiles { get; init; } = 8;

    /// <inheritdoc/>
    public string Name => "CLAHE";

    /// <inheritdoc/>
    public string Settings => FormattableString.Invariant($"clip {ClipLimit}, {Tiles}x{Tiles} tiles, CIELAB");

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Hazy or Degradation.LowLight;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task)
    {
        Planes lab = Planes.LabOf(picture);
        (int width, int height) = (lab.Width, lab.Height);
        byte[] light = [.. lab.Values[0].Select(value => (byte)Math.Clamp(value * 2.55f + 0.5f, 0f, 255f))];
        int tileWidth = (width + Tiles - 1) / Tiles, tileHeight = (height + Tiles - 1) / Tiles;
        byte[][] curves = [.. Enumerable.Range(0, Tiles * Tiles).Select(i =>
            Curve(light, width, height, i % Tiles * tileWidth, i / Tiles * tileHeight, tileWidth, tileHeight))];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, float down) = Between(y, tileHeight);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = Between(x, tileWidth);
                int v = light[y * width + x];
                float above = curves[top * Tiles + left][v] * (1 - across) + curves[top * Tiles + right][v] * across;
                float below = curves[bottom * Tiles + left][v] * (1 - across) + curves[bottom * Tiles + right][v] * across;
                lab.Values[0][y * width + x] = (above * (1 - down) + below * down) / 2.55f;
            }
        }
        return lab.LabToPicture();
    }

    // The two tiles between whose middles a pixel lies, and how far towards the second.
    private (int First, int Second, float Share) Between(int at, int size)
    {
        float position = (at + 0.5f) / size - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Clamp(first, 0, Tiles - 1), Math.Clamp(first + 1, 0, Tiles - 1), position - first);
    }

    private byte[] Curve(byte[] light, int width, int height, int left, int top, int tileWidth, int tileHeight)
    {
        int[] histogram = new int[Levels];
        // Tiles beyond the picture go on mirrored.
        for (int y = top; y < top + tileHeight; y++)
            for (int x = left; x < left + tileWidth; x++) histogram[light[Mirrored(y, height) * width + Mirrored(x, width)]]++;
        int limit = Math.Max(1, (int)(ClipLimit * tileWidth * tileHeight / Levels)), excess = 0;
        for (int i = 0; i < Levels; i++)
        {
            excess += Math.Max(0, histogram[i] - limit);
            histogram[i] = Math.Min(histogram[i], limit);
        }
        int rest = excess % Levels, step = Math.Max(1, Levels / Math.Max(1, rest));
        for (int i = 0; i < Levels; i++) histogram[i] += excess / Levels;
        for (int i = 0; i < Levels && rest > 0; i += step, rest--) histogram[i]++;
        byte[] curve = new byte[Levels];
        float scale = (Levels - 1f) / (tileWidth * tileHeight);
        int sum = 0;
        for (int i = 0; i < Levels; i++) curve[i] = (byte)Math.Clamp(MathF.Round((sum += histogram[i]) * scale), 0f, 255f);
        return curve;
    }

    private static int Mirrored(int at, int size) => at < size ? at : Math.Max(0, 2 * size - 2 - at);
}
