using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>
/// The bilateral filter (Tomasi and Manduchi, ICCV 1998): each pixel becomes the mean of its neighbours, weighted by their distance in the picture and
/// in colour.
/// </summary>
public sealed class BilateralFilter : IRestorerUnderTest
{
    /// <summary>Standard deviation in colour, in levels; the distance is the sum over R, G and B.</summary>
    public double ColourSigma { get; init; } = 25;

    /// <summary>Standard deviation in the picture, in pixels.</summary>
    public double SpaceSigma { get; init; } = 3;

    /// <summary>How far neighbours lie at most, in pixels.</summary>
    public int Radius { get; init; } = 4;

    /// <inheritdoc/>
    public string Name => "bilateral";

    /// <inheritdoc/>
    public string Settings => FormattableString.Invariant($"colour {ColourSigma}, space {SpaceSigma}, radius {Radius}");

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Noisy;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task)
    {
        (int width, int height) = (picture.Width, picture.Height);
        byte[] from = picture.Rgb, to = new byte[from.Length];
        float[] colour = [.. Enumerable.Range(0, 766).Select(d => (float)Math.Exp(-d * d / (2 * ColourSigma * ColourSigma)))];
        var offsets = new List<(int X, int Y, float Weight)>();
        for (int dy = -Radius; dy <= Radius; dy++)
        {
            for (int dx = -Radius; dx <= Radius; dx++)
            {
                int square = dx * dx + dy * dy;
                if (square <= Radius * Radius) offsets.Add((dx, dy, (float)Math.Exp(-square / (2 * SpaceSigma * SpaceSigma))));
            }
        }
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int own = 3 * (y * width + x);
                float sum = 0, red = 0, green = 0, blue = 0;
                foreach ((int dx, int dy, float weight) in offsets)
                {
                    int at = 3 * (Math.Clamp(y + dy, 0, height - 1) * width + Math.Clamp(x + dx, 0, width - 1));
                    int distance = Math.Abs(from[at] - from[own]) + Math.Abs(from[at + 1] - from[own + 1]) + Math.Abs(from[at + 2] - from[own + 2]);
                    float w = weight * colour[distance];
                    sum += w;
                    red += w * from[at];
                    green += w * from[at + 1];
                    blue += w * from[at + 2];
                }
                to[own] = (byte)(red / sum + 0.5f);
                to[own + 1] = (byte)(green / sum + 0.5f);
                to[own + 2] = (byte)(blue / sum + 0.5f);
            }
        }
        return new Picture(width, height, to);
    }
}
