namespace LlIcm.Restoration;

/// <summary>
/// Fills missing parts of a picture smoothly from what surrounds them: the values that satisfy Laplace's equation inside the holes
/// (the membrane that the known pixels hold), found from coarse to fine on an image pyramid. Smooth holes cost a codec next to nothing, and
/// a network starts from the right tone.
/// </summary>
public static class HoleFilling
{
    // Enough that no seam of the pyramid's squares is left; more changes less than half a level.
    private const int Sweeps = 12;

    // Over-relaxation: sweeps reach farther.
    private const float Relaxation = 1.6f;

    /// <summary>Fills one plane in place; known pixels keep their values. Without any known pixel, all become 0.5.</summary>
    /// <param name="plane">Values, row after row: <c>[height, width]</c>.</param>
    /// <param name="missing">Whether each pixel is missing, <c>[height, width]</c>.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The lengths don't fit the size.</exception>
    public static void Fill(Span<float> plane, ReadOnlySpan<bool> missing, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (plane.Length != width * height || missing.Length != plane.Length)
            throw new ArgumentException($"{width}x{height} pixels need as many values and marks, not {plane.Length} and {missing.Length}");
        if (missing.IndexOf(true) < 0) return;
        if (missing.IndexOf(false) < 0)
        {
            plane.Fill(0.5f);
            return;
        }
        Solve(plane, missing, width, height);
    }

    private static void Solve(Span<float> plane, ReadOnlySpan<bool> missing, int width, int height)
    {
        int w = (width + 1) / 2, h = (height + 1) / 2;
        float[] coarse = new float[w * h];
        bool[] unknown = new bool[w * h];
        bool any = false;
        for (int y = 0; y < h; y++)
        {
            for (int x = 0; x < w; x++)
            {
                float sum = 0;
                int count = 0;
                for (int dy = 0; dy < 2 && 2 * y + dy < height; dy++)
                {
                    for (int dx = 0; dx < 2 && 2 * x + dx < width; dx++)
                    {
                        int i = (2 * y + dy) * width + 2 * x + dx;
                        if (missing[i]) continue;
                        sum += plane[i];
                        count++;
                    }
                }
                if (count > 0) coarse[y * w + x] = sum / count;
                else any = unknown[y * w + x] = true;
            }
        }
        if (any && coarse.Length > 1) Solve(coarse, unknown, w, h);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (missing[y * width + x]) plane[y * width + x] = coarse[y / 2 * w + x / 2];
        for (int sweep = 0; sweep < Sweeps; sweep++) Relax(plane, missing, width, height);
    }

    // One Gauss-Seidel sweep with over-relaxation; beyond the picture its edge goes on.
    private static void Relax(Span<float> plane, ReadOnlySpan<bool> missing, int width, int height)
    {
        for (int y = 0; y < height; y++)
        {
            int row = y * width, above = Math.Max(y - 1, 0) * width, below = Math.Min(y + 1, height - 1) * width;
            for (int x = 0; x < width; x++)
            {
                if (!missing[row + x]) continue;
                float mean = 0.25f * (plane[above + x] + plane[below + x]
                    + plane[row + Math.Max(x - 1, 0)] + plane[row + Math.Min(x + 1, width - 1)]);
                plane[row + x] += Relaxation * (mean - plane[row + x]);
            }
        }
    }
}
