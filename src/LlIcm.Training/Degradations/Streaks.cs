namespace LlIcm.Training.Degradations;

/// <summary>Draws soft-edged, tapered strokes that lie nearer to the vertical than to the horizontal.</summary>
internal static class Streaks
{
    /// <summary>Screens one stroke into a layer: <c>layer += value * (1 - layer)</c>.</summary>
    /// <param name="layer">The layer, <c>[height, width]</c>, 0–1.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="x">Centre of the stroke.</param>
    /// <param name="y">Centre of the stroke.</param>
    /// <param name="length">Length along the stroke in pixels.</param>
    /// <param name="thickness">Width across the stroke in pixels; below 1 it gets fainter instead of narrower.</param>
    /// <param name="slope">Horizontal pixels for one row down.</param>
    /// <param name="value">Strength in the middle, 0–1.</param>
    public static void Draw(
        Span<float> layer, int width, int height, float x, float y,
        float length, float thickness, float slope, float value)
    {
        float stretch = MathF.Sqrt(1f + slope * slope);
        float half = Math.Max(0.5f, length / stretch / 2f);
        float across = thickness * stretch / 2f;
        float reach = across + 0.5f;
        float full = Math.Min(1f, 2f * across) * value;
        int top = Math.Max(0, (int)MathF.Ceiling(y - half)), bottom = Math.Min(height - 1, (int)MathF.Floor(y + half));
        for (int row = top; row <= bottom; row++)
        {
            float along = (row - y) / half;
            float strength = 1f - along * along * along * along;
            float centre = x + (row - y) * slope;
            int left = Math.Max(0, (int)MathF.Ceiling(centre - reach));
            int right = Math.Min(width - 1, (int)MathF.Floor(centre + reach));
            Span<float> line = layer.Slice(row * width, width);
            for (int i = left; i <= right; i++)
            {
                float cover = Math.Min(1f, reach - Math.Abs(i - centre)) * full * strength;
                line[i] += cover * (1f - line[i]);
            }
        }
    }
}
