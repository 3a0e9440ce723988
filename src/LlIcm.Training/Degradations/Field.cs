using System.Numerics;

namespace LlIcm.Training.Degradations;

/// <summary>Arithmetic on one plane of values, <c>[height, width]</c>.</summary>
internal static class Field
{
    /// <summary>Approximates a Gaussian blur by three box blurs; edges are extended.</summary>
    public static void Blur(Span<float> field, int width, int height, float sigma)
    {
        if (sigma < 0.3f) return;
        if (sigma < 1.2f)
        {
            // Too narrow for boxes: the three-tap kernel with this variance, several times.
            int passes = Math.Max(1, (int)MathF.Ceiling(sigma * sigma / 0.45f));
            float side = sigma * sigma / passes / 2f;
            for (int i = 0; i < passes; i++) Smooth3(field, width, height, side);
            return;
        }
        // The variance of a box of 2r + 1 is r (r + 1) / 3.
        int radius = Math.Max(1, (int)MathF.Round((MathF.Sqrt(1f + 4f * sigma * sigma) - 1f) / 2f));
        for (int i = 0; i < 3; i++) Box(field, width, height, radius);
    }

    /// <summary>Mean over squares of 2r + 1 pixels; edges are extended.</summary>
    public static void Box(Span<float> field, int width, int height, int radius)
    {
        if (radius < 1) return;
        float scale = 1f / (2 * radius + 1);
        float[] line = new float[width + 2 * radius + 1];
        for (int y = 0; y < height; y++)
        {
            Span<float> row = field.Slice(y * width, width);
            line.AsSpan(0, radius).Fill(row[0]);
            row.CopyTo(line.AsSpan(radius));
            line.AsSpan(radius + width).Fill(row[width - 1]);
            float sum = 0f;
            for (int i = 0; i < 2 * radius + 1; i++) sum += line[i];
            for (int x = 0; x < width; x++)
            {
                row[x] = sum * scale;
                sum += line[x + 2 * radius + 1] - line[x];
            }
        }
        // Columns: a running sum of whole rows, which vectorises; the rows already overwritten are kept in a ring.
        float[] sums = new float[width];
        float[] ring = new float[(radius + 1) * width];
        for (int i = -radius; i <= radius; i++)
            Add(sums, field.Slice(Math.Clamp(i, 0, height - 1) * width, width), 1f);
        float[] first = field[..width].ToArray();
        for (int y = 0; y < height; y++)
        {
            Span<float> row = field.Slice(y * width, width);
            Span<float> saved = ring.AsSpan(y % (radius + 1) * width, width);
            // The slot holds row y - radius - 1, which left the sum one step ago.
            row.CopyTo(saved);
            Scale(sums, row, scale);
            int leaving = y - radius;
            ReadOnlySpan<float> gone = leaving <= 0 ? first : ring.AsSpan(leaving % (radius + 1) * width, width);
            int entering = y + radius + 1;
            ReadOnlySpan<float> next = entering < height
                ? field.Slice(entering * width, width)
                : height - 1 > y ? field.Slice((height - 1) * width, width) : saved;
            Step(sums, next, gone);
        }
    }

    /// <summary>Adds <paramref name="weight"/> times a row to another of the same length or longer.</summary>
    public static void Add(Span<float> to, ReadOnlySpan<float> from, float weight)
    {
        int i = 0;
        Vector<float> w = new(weight);
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) + new Vector<float>(from[i..]) * w).CopyTo(to[i..]);
        for (; i < from.Length; i++) to[i] += from[i] * weight;
    }

    /// <summary>
    /// Smooth noise in about 0–1: random values on a coarse grid, interpolated by smoothed bilinear weights, summed
    /// over octaves
    /// of half the size and <paramref name="persistence"/> times the strength.
    /// </summary>
    /// <param name="random">Where the values come from.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="cell">Size of the coarsest grid's cells in pixels.</param>
    /// <param name="octaves">How many grids.</param>
    /// <param name="persistence">Strength of an octave against the one before.</param>
    public static float[] Noise(
        Xoshiro256 random, int width, int height, float cell, int octaves, float persistence = 0.5f)
    {
        float[] field = new float[width * height];
        float total = 0f, strength = 1f;
        int[] left = new int[width];
        float[] part = new float[width];
        for (int octave = 0; octave < octaves && cell >= 1f; octave++, cell /= 2f, strength *= persistence)
        {
            int columns = (int)(width / cell) + 3, rows = (int)(height / cell) + 3;
            float[] grid = new float[columns * rows];
            for (int i = 0; i < grid.Length; i++) grid[i] = random.NextFloat();
            float x0 = random.NextFloat(), y0 = random.NextFloat();
            for (int x = 0; x < width; x++)
            {
                float at = x / cell + x0;
                left[x] = (int)at;
                part[x] = SmoothStep(at - left[x]);
            }
            float[] line = new float[columns];
            for (int y = 0; y < height; y++)
            {
                float at = y / cell + y0;
                int top = (int)at;
                float down = SmoothStep(at - top);
                ReadOnlySpan<float> a = grid.AsSpan(top * columns, columns);
                ReadOnlySpan<float> b = grid.AsSpan((top + 1) * columns, columns);
                for (int i = 0; i < columns; i++) line[i] = strength * (a[i] + (b[i] - a[i]) * down);
                Span<float> row = field.AsSpan(y * width, width);
                for (int x = 0; x < width; x++)
                {
                    int i = left[x];
                    row[x] += line[i] + (line[i + 1] - line[i]) * part[x];
                }
            }
            total += strength;
        }
        float scale = 1f / total;
        for (int i = 0; i < field.Length; i++) field[i] *= scale;
        return field;
    }

    /// <summary>Stretches values linearly so that they reach from 0 to 1.</summary>
    public static void Normalise(Span<float> field)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float v in field)
        {
            min = Math.Min(min, v);
            max = Math.Max(max, v);
        }
        float scale = max > min ? 1f / (max - min) : 0f;
        for (int i = 0; i < field.Length; i++) field[i] = (field[i] - min) * scale;
    }

    /// <summary>
    /// Makes a field follow the edges of a picture: the guided filter of He, Sun and Tang (ECCV 2010).
    /// </summary>
    /// <param name="field">The field; replaced.</param>
    /// <param name="guide">A plane of the picture.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="radius">Radius of the windows.</param>
    /// <param name="epsilon">Variance of the guide below which a window counts as flat.</param>
    public static void Guide(
        float[] field, ReadOnlySpan<float> guide, int width, int height, int radius, float epsilon)
    {
        int n = field.Length;
        float[] mean = guide.ToArray(), variance = new float[n], product = new float[n];
        for (int i = 0; i < n; i++)
        {
            variance[i] = guide[i] * guide[i];
            product[i] = guide[i] * field[i];
        }
        Box(mean, width, height, radius);
        Box(variance, width, height, radius);
        Box(product, width, height, radius);
        Box(field, width, height, radius);
        for (int i = 0; i < n; i++)
        {
            float a = (product[i] - mean[i] * field[i]) / (Math.Max(0f, variance[i] - mean[i] * mean[i]) + epsilon);
            product[i] = a;
            variance[i] = field[i] - a * mean[i];
        }
        Box(product, width, height, radius);
        Box(variance, width, height, radius);
        for (int i = 0; i < n; i++) field[i] = product[i] * guide[i] + variance[i];
    }

    /// <summary>Luma of a picture (BT.601 weights).</summary>
    public static float[] Luma(PlanarImage image)
    {
        float[] luma = new float[image.PlaneSize];
        Add(luma, image.Plane(0), 0.299f);
        Add(luma, image.Plane(1), 0.587f);
        Add(luma, image.Plane(2), 0.114f);
        return luma;
    }

    /// <summary>0 up to 0, 1 from 1, smooth between.</summary>
    public static float SmoothStep(float t)
    {
        t = Math.Clamp(t, 0f, 1f);
        return t * t * (3f - 2f * t);
    }

    private static void Smooth3(Span<float> field, int width, int height, float side)
    {
        float centre = 1f - 2f * side;
        float[] above = new float[width], current = new float[width];
        for (int y = 0; y < height; y++)
        {
            Span<float> row = field.Slice(y * width, width);
            float before = row[0];
            for (int x = 0; x < width; x++)
            {
                float v = row[x], after = x + 1 < width ? row[x + 1] : v;
                row[x] = centre * v + side * (before + after);
                before = v;
            }
        }
        field[..width].CopyTo(above);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = field.Slice(y * width, width);
            row.CopyTo(current);
            ReadOnlySpan<float> below = y + 1 < height ? field.Slice((y + 1) * width, width) : current;
            for (int x = 0; x < width; x++) row[x] = centre * current[x] + side * (above[x] + below[x]);
            (above, current) = (current, above);
        }
    }

    private static void Scale(ReadOnlySpan<float> from, Span<float> to, float scale)
    {
        int i = 0;
        Vector<float> s = new(scale);
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(from[i..]) * s).CopyTo(to[i..]);
        for (; i < from.Length; i++) to[i] = from[i] * scale;
    }

    private static void Step(Span<float> sums, ReadOnlySpan<float> entering, ReadOnlySpan<float> leaving)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sums[i..]) + new Vector<float>(entering[i..]) - new Vector<float>(leaving[i..]))
                .CopyTo(sums[i..]);
        }
        for (; i < sums.Length; i++) sums[i] += entering[i] - leaving[i];
    }
}
