namespace LlIcm.Training.Degradations;

/// <summary>
/// Cast shadows: of people, flat things, walls, poles and leaves, with a penumbra and the bluish light of the sky
/// inside;
/// like the outdoor pairs of ISTD (Wang et al., CVPR 2018) and SRD.
/// </summary>
public sealed class Shadow(ShadowOptions? options = null) : DegradationModel
{
    private readonly ShadowOptions _options = options ?? new ShadowOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Shadowed;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float[] matte = Matte(width, height, random);
        float factor = Math.Clamp(_options.Factor.At(severity) * random.NextFloat(0.9f, 1.1f), 0.1f, 0.95f);
        float blue = random.NextFloat(_options.Blue);
        // Nearby things throw light back into a shadow, so that it is never quite even.
        float[] uneven = Field.Noise(random, width, height, Math.Max(width, height) / 2f, 2);
        float unevenness = random.NextFloat(0f, 0.16f);
        Span<float> keep = [factor * (1f - 0.5f * blue), factor, Math.Min(0.97f, factor * (1f + blue))];
        float lift = random.Chance(0.5f) ? random.NextFloat(0f, 0.03f) : 0f;
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < plane.Length; i++)
            {
                float core = keep[c] * (1f + unevenness * (uneven[i] - 0.5f));
                plane[i] *= 1f - matte[i] * (1f - core);
                plane[i] += matte[i] * lift;
            }
        }
        return null;
    }

    private float[] Matte(int width, int height, Xoshiro256 random)
    {
        float[] matte = new float[width * height];
        // Cubed: mostly sharp edges; a caster far away blurs widely.
        float penumbra = random.NextFloat();
        penumbra = _options.Penumbra.At(penumbra * penumbra * penumbra);
        for (int attempt = 0; attempt < 8; attempt++)
        {
            Array.Clear(matte);
            int casters = random.Chance(0.7f) ? 1 : 2 + random.NextInt(2);
            for (int i = 0; i < casters; i++) Cast(matte, width, height, random);
            float sum = 0f;
            foreach (float v in matte) sum += v;
            float cover = sum / matte.Length;
            if (cover >= _options.Cover.Min && cover <= _options.Cover.Max) break;
        }
        Field.Blur(matte, width, height, penumbra);
        return matte;
    }

    private void Cast(Span<float> matte, int width, int height, Xoshiro256 random)
    {
        float size = random.NextFloat(_options.Size) * Math.Max(width, height);
        float x = random.NextFloat() * width, y = random.NextFloat() * height;
        float turn = random.NextFloat(0f, 2f * MathF.PI);
        switch (random.NextInt(10))
        {
            case 0 or 1 or 2:
                Flat(matte, width, height, x, y, size, turn, random);
                break;
            case 3 or 4 or 5:
                Figure(matte, width, height, x, y, size, turn, random);
                break;
            case 6:
                Wall(matte, width, height, x, y, size, turn);
                break;
            case 7:
                Poles(matte, width, height, x, y, size, turn, random);
                break;
            default:
                Leaves(matte, width, height, random);
                break;
        }
    }

    // An umbrella, a board, a bag: a polygon around a centre, stretched by the low sun.
    private static void Flat(
        Span<float> matte, int width, int height, float x, float y, float size, float turn, Xoshiro256 random)
    {
        int corners = 3 + random.NextInt(8);
        float ragged = random.Chance(0.5f) ? random.NextFloat(0.05f, 0.5f) : 0.05f;
        float stretch = random.NextFloat(0.4f, 1f), lean = random.NextFloat(0f, 2f * MathF.PI);
        (float cosLean, float sinLean) = (MathF.Cos(lean), MathF.Sin(lean));
        Span<(float X, float Y)> points = stackalloc (float, float)[corners];
        for (int i = 0; i < corners; i++)
        {
            float at = turn + 2f * MathF.PI * (i + random.NextFloat(-0.2f, 0.2f)) / corners;
            float radius = size * 0.6f * (1f - ragged * random.NextFloat());
            float px = MathF.Cos(at) * radius, py = MathF.Sin(at) * radius * stretch;
            points[i] = (x + px * cosLean - py * sinLean, y + px * sinLean + py * cosLean);
        }
        Shapes.Polygon(matte, width, height, points, 1f);
    }

    // Somebody: legs, a body, arms and a head, in one row along the direction of the light.
    private static void Figure(
        Span<float> matte, int width, int height, float x, float y, float size, float turn, Xoshiro256 random)
    {
        float ux = MathF.Cos(turn), uy = MathF.Sin(turn);
        float length = size * random.NextFloat(0.9f, 1.6f), girth = size * random.NextFloat(0.1f, 0.22f);
        Span<(float Along, float Across, float EndAlong, float EndAcross, float Radius)> limbs =
        [
            (-0.55f, -0.5f, -0.1f, -0.3f, 0.45f), (-0.55f, 0.6f, -0.1f, 0.3f, 0.45f), (-0.1f, 0f, 0.28f, 0f, 1f),
            (0.25f, -0.9f, random.NextFloat(-0.15f, 0.4f), -random.NextFloat(1f, 2f), 0.32f),
            (0.25f, 0.9f, random.NextFloat(-0.15f, 0.4f), random.NextFloat(1f, 2f), 0.32f),
            (0.42f, 0f, 0.5f, random.NextFloat(-0.1f, 0.1f), random.NextFloat(0.5f, 0.75f)),
        ];
        foreach (var (along, across, endAlong, endAcross, radius) in limbs)
        {
            Shapes.Capsule(
                matte, width, height,
                x + along * length * ux - across * girth * uy, y + along * length * uy + across * girth * ux,
                x + endAlong * length * ux - endAcross * girth * uy,
                y + endAlong * length * uy + endAcross * girth * ux,
                radius * girth, 1f);
        }
    }

    private static void Wall(Span<float> matte, int width, int height, float x, float y, float size, float turn)
    {
        float far = 2f * (width + height), ux = MathF.Cos(turn), uy = MathF.Sin(turn);
        Span<(float X, float Y)> points =
        [
            (x - far * uy, y + far * ux), (x + far * uy, y - far * ux),
            (x + far * uy + far * ux, y - far * ux + far * uy), (x - far * uy + far * ux, y + far * ux + far * uy),
        ];
        Shapes.Polygon(matte, width, height, points, 1f);
        // A chimney or a parapet on top.
        Shapes.Capsule(matte, width, height, x, y, x - 0.3f * size * ux, y - 0.3f * size * uy, 0.12f * size, 1f);
    }

    private static void Poles(
        Span<float> matte, int width, int height, float x, float y, float size, float turn, Xoshiro256 random)
    {
        int count = 1 + random.NextInt(6);
        float gap = size * random.NextFloat(0.2f, 0.6f), radius = size * random.NextFloat(0.02f, 0.12f) + 1f;
        float far = width + height;
        for (int i = 0; i < count; i++)
        {
            float own = turn + random.NextFloat(-0.06f, 0.06f);
            float ux = MathF.Cos(own), uy = MathF.Sin(own);
            float cx = x - (i - count / 2f) * gap * uy, cy = y + (i - count / 2f) * gap * ux;
            Shapes.Capsule(
                matte, width, height, cx - far * ux, cy - far * uy, cx + far * ux, cy + far * uy, radius, 1f);
        }
    }

    private static void Leaves(Span<float> matte, int width, int height, Xoshiro256 random)
    {
        float cell = Math.Max(width, height) * random.NextFloat(0.15f, 0.6f);
        float[] noise = Field.Noise(random, width, height, cell, 5, 0.6f);
        float[] sorted = (float[])noise.Clone();
        Array.Sort(sorted);
        float level = sorted[(int)(sorted.Length * random.NextFloat(0.35f, 0.85f))];
        for (int i = 0; i < noise.Length; i++)
        {
            if (noise[i] > level) matte[i] = 1f;
        }
    }
}
