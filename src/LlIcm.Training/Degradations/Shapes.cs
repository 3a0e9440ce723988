namespace LlIcm.Training.Degradations;

/// <summary>Fills hard-edged shapes into a plane.</summary>
internal static class Shapes
{
    /// <summary>Sets the pixels whose centres lie within <paramref name="radius"/> of a line.</summary>
    public static void Capsule(
        Span<float> plane, int width, int height, float x0, float y0, float x1, float y1, float radius, float value)
    {
        int left = Math.Max(0, (int)(Math.Min(x0, x1) - radius));
        int right = Math.Min(width - 1, (int)(Math.Max(x0, x1) + radius + 1));
        int top = Math.Max(0, (int)(Math.Min(y0, y1) - radius));
        int bottom = Math.Min(height - 1, (int)(Math.Max(y0, y1) + radius + 1));
        float dx = x1 - x0, dy = y1 - y0, scale = 1f / Math.Max(1e-6f, dx * dx + dy * dy), square = radius * radius;
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float along = Math.Clamp(((x - x0) * dx + (y - y0) * dy) * scale, 0f, 1f);
                float ex = x - x0 - along * dx, ey = y - y0 - along * dy;
                if (ex * ex + ey * ey <= square) plane[y * width + x] = value;
            }
        }
    }

    /// <summary>Sets the pixels whose centres lie inside a polygon (even–odd rule).</summary>
    public static void Polygon(
        Span<float> plane, int width, int height, ReadOnlySpan<(float X, float Y)> points, float value)
    {
        Span<float> crossings = stackalloc float[64];
        for (int y = 0; y < height; y++)
        {
            int count = 0;
            for (int i = 0; i < points.Length && count < crossings.Length; i++)
            {
                (float ax, float ay) = points[i];
                (float bx, float by) = points[(i + 1) % points.Length];
                if (ay <= y != by <= y) crossings[count++] = ax + (y - ay) / (by - ay) * (bx - ax);
            }
            crossings[..count].Sort();
            for (int i = 0; i + 1 < count; i += 2)
            {
                int from = Math.Max(0, (int)MathF.Ceiling(crossings[i]));
                int to = Math.Min(width - 1, (int)MathF.Floor(crossings[i + 1]));
                if (from <= to) plane.Slice(y * width + from, to - from + 1).Fill(value);
            }
        }
    }
}
