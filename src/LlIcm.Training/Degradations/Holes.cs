namespace LlIcm.Training.Degradations;

/// <summary>Missing parts, painted white: <c>input = mask * image + (1 - mask)</c>, as DA-CLIP does.</summary>
public sealed class Holes(HolesOptions? options = null) : DegradationModel
{
    private readonly HolesOptions _options = options ?? new HolesOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Uncompleted;

    /// <summary>Paints what a mask leaves out white.</summary>
    /// <param name="image">The picture; changed in place.</param>
    /// <param name="mask">1 kept, 0 missing: <c>[Height, Width]</c>.</param>
    /// <exception cref="ArgumentException">The mask's length does not fit the picture.</exception>
    public static void Paint(PlanarImage image, ReadOnlySpan<float> mask)
    {
        if (mask.Length != image.PlaneSize)
        {
            throw new ArgumentException(
                $"the mask has {mask.Length} values, the picture {image.PlaneSize} pixels", nameof(mask));
        }
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < plane.Length; i++) plane[i] = mask[i] * plane[i] + 1f - mask[i];
        }
    }

    /// <summary>Draws a mask, 1 kept, 0 missing: <c>[height, width]</c>; never one without a kept pixel.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pattern">The shape of the holes.</param>
    /// <param name="random">Draws it.</param>
    /// <param name="severity">0 (small holes) to 1 (large ones); without effect on halves and lines.</param>
    public float[] Mask(int width, int height, HolePattern pattern, Xoshiro256 random, float severity)
    {
        float[] mask = new float[width * height];
        Array.Fill(mask, 1f);
        switch (pattern)
        {
            case HolePattern.Thin:
                Strokes(mask, width, height, _options.Thin, 5, random, severity);
                break;
            case HolePattern.Thick:
                Strokes(mask, width, height, _options.Thick, 4, random, severity);
                break;
            case HolePattern.Boxes:
                Boxes(mask, width, height, random, severity);
                break;
            case HolePattern.Half:
                int side = random.NextInt(4);
                for (int i = 0; i < mask.Length; i++)
                {
                    int x = i % width, y = i / width;
                    bool second = side < 2 ? x >= width / 2 : y >= height / 2;
                    if (second == (side % 2 == 0)) mask[i] = 0f;
                }
                break;
            default:
                bool rows = random.Chance(0.5f);
                int parity = random.NextInt(2);
                for (int i = 0; i < mask.Length; i++)
                {
                    if (((rows ? i / width : i % width) & 1) == parity) mask[i] = 0f;
                }
                break;
        }
        if (Array.IndexOf(mask, 1f) < 0) mask[0] = 1f;
        return mask;
    }

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        float[] mask = Mask(image.Width, image.Height, Draw(_options.Weights, random), random, severity);
        Paint(image, mask);
        return mask;
    }

    private static HolePattern Draw(IReadOnlyDictionary<HolePattern, float> weights, Xoshiro256 random)
    {
        float at = random.NextFloat() * weights.Values.Sum();
        // In the order of the enumeration: a dictionary's own order is not promised.
        HolePattern last = HolePattern.Thin;
        foreach (HolePattern pattern in Enum.GetValues<HolePattern>())
        {
            if (!weights.TryGetValue(pattern, out float weight) || weight <= 0f) continue;
            last = pattern;
            if ((at -= weight) < 0f) break;
        }
        return last;
    }

    private void Strokes(
        float[] mask, int width, int height, Interval thickness, int pieces, Xoshiro256 random, float severity)
    {
        int shorter = Math.Min(width, height);
        float zoom = random.NextFloat(_options.Zoom);
        float target = Math.Clamp(_options.Cover.At(severity) * random.NextFloat(0.8f, 1.2f), 0f, 0.9f) * mask.Length;
        for (int stroke = 0; stroke < 1000; stroke++)
        {
            float x = random.NextFloat() * width, y = random.NextFloat() * height;
            float radius = Math.Max(0.5f, random.NextFloat(thickness) * shorter * zoom / 2f);
            float turn = random.NextFloat(0f, 2f * MathF.PI);
            int count = 1 + random.NextInt(pieces);
            for (int piece = 0; piece < count; piece++)
            {
                // Sharp turns: each piece mostly goes back against the one before, as scribbling does.
                turn += piece == 0 ? 0f : (random.Chance(0.5f) ? 1f : -1f) * random.NextFloat(0.5f, 2.6f);
                float length = random.NextFloat(0.03f, 0.24f) * shorter * zoom;
                float nextX = x + length * MathF.Cos(turn), nextY = y + length * MathF.Sin(turn);
                Shapes.Capsule(mask, width, height, x, y, nextX, nextY, radius, 0f);
                (x, y) = (nextX, nextY);
            }
            float missing = 0f;
            foreach (float v in mask) missing += 1f - v;
            if (missing >= target) break;
        }
    }

    private void Boxes(float[] mask, int width, int height, Xoshiro256 random, float severity)
    {
        int count = 1 + random.NextInt(5);
        float area = _options.Cover.At(severity) * width * height / count;
        for (int i = 0; i < count; i++)
        {
            float aspect = MathF.Exp(random.NextFloat(-0.7f, 0.7f));
            int w = Math.Clamp((int)MathF.Sqrt(area * aspect), 1, width);
            int h = Math.Clamp((int)MathF.Sqrt(area / aspect), 1, height);
            int left = random.NextInt(width - w + 1), top = random.NextInt(height - h + 1);
            for (int y = top; y < top + h; y++) mask.AsSpan(y * width + left, w).Clear();
        }
    }
}
