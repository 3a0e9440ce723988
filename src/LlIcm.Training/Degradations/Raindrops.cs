namespace LlIcm.Training.Degradations;

/// <summary>
/// Drops on a glass close to the lens: each shows a blurred wide-angle view of the scene upside down, has a soft rim,
/// and mirrors the sky; like the pairs of Qian et al. (CVPR 2018).
/// </summary>
public sealed class Raindrops(RaindropsOptions? options = null) : DegradationModel
{
    private readonly RaindropsOptions _options = options ?? new RaindropsOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Raindrop;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float radius = random.NextFloat(_options.Radius);
        float coverage = _options.Coverage.At(severity) * random.NextFloat(0.7f, 1.3f);
        int count = 1 + (int)(coverage * width * height / (MathF.PI * radius * radius * 1.2f));
        float softness = _options.Softness.At(MathF.Sqrt(random.NextFloat()));
        float opacity = random.NextFloat(_options.Opacity);
        float refraction = random.NextFloat(_options.Refraction), sky = random.NextFloat(_options.Sky);
        float skyLight = random.NextFloat(0.65f, 1f), skyBlue = random.NextFloat(-0.03f, 0.05f);

        // Seen through drops: blurred far more than their size, which is what makes them flat and milky.
        PlanarImage seen = image.Clone();
        float blur = Math.Clamp(radius * random.NextFloat(0.4f, 1.2f) * (0.5f + softness), 2f, 30f);
        for (int c = 0; c < 3; c++) Field.Blur(seen.Plane(c), width, height, blur);

        Wet(image, random, severity);
        for (int i = 0; i < count; i++)
        {
            // Many small ones, few large ones.
            float own = radius * MathF.Exp(0.45f * random.NextNormal());
            Drop drop = new(
                random.NextFloat(-own, width + own), random.NextFloat(-own, height + own), own,
                own * random.NextFloat(0.85f, 1.7f), Math.Clamp(softness * random.NextFloat(0.7f, 1.4f), 0.1f, 1f),
                Math.Min(1f, opacity * random.NextFloat(0.6f, 1.1f)), refraction * random.NextFloat(0.6f, 1.4f),
                Math.Clamp(sky * random.NextFloat(0.2f, 1.8f), 0f, 1f));
            Draw(image, seen, drop, skyLight, skyBlue, random);
        }
        return null;
    }

    private void Wet(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float veil = random.NextFloat(_options.Veil) * severity, light = random.NextFloat(0.45f, 0.75f);
        float blur = random.Chance(0.4f) ? random.NextFloat(0.3f, 0.8f) : 0f;
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            if (blur > 0f) Field.Blur(plane, width, height, blur);
            for (int i = 0; i < plane.Length; i++) plane[i] += veil * (light - plane[i]);
        }
    }

    private static void Draw(
        PlanarImage image, PlanarImage seen, Drop drop, float skyLight, float skyBlue, Xoshiro256 random)
    {
        // The outline: two overlapping ellipses' falloffs summed, cut at one level.
        float shiftX = random.NextFloat(-0.5f, 0.5f) * drop.RadiusX;
        float shiftY = random.NextFloat(-0.6f, 0.6f) * drop.RadiusY;
        float second = random.NextFloat(0.4f, 0.8f);
        float reach = 1.5f;
        int left = Math.Max(0, (int)(drop.X - reach * drop.RadiusX));
        int top = Math.Max(0, (int)(drop.Y - reach * drop.RadiusY));
        int right = Math.Min(image.Width - 1, (int)(drop.X + reach * drop.RadiusX));
        int bottom = Math.Min(image.Height - 1, (int)(drop.Y + reach * drop.RadiusY));
        float rim = drop.Softness < 0.35f ? random.NextFloat(0f, 0.45f) : 0f;
        float shine = drop.Softness < 0.45f ? random.NextFloat(0f, 0.4f) : 0f;
        float shineX = drop.X + random.NextFloat(-0.4f, 0.4f) * drop.RadiusX;
        float shineY = drop.Y - random.NextFloat(0.1f, 0.5f) * drop.RadiusY;
        float shineScale = 1f / (0.04f * drop.RadiusX * drop.RadiusX + 1f);
        float low = 0.42f - 0.42f * drop.Softness, scale = 1f / (0.95f * drop.Softness);
        float scaleX = 1f / (reach * drop.RadiusX), scaleY = 1f / (reach * drop.RadiusY);
        float secondX = scaleX / second, secondY = scaleY / second;
        Span<float> r = image.Plane(0), g = image.Plane(1), b = image.Plane(2);
        ReadOnlySpan<float> seenR = seen.Plane(0), seenG = seen.Plane(1), seenB = seen.Plane(2);
        for (int y = top; y <= bottom; y++)
        {
            float dy = y - drop.Y;
            // The view is upside down; beyond the picture it goes on mirrored.
            int rowY = Mirror((int)(drop.Y - dy * drop.Refraction), image.Height) * image.Width;
            for (int x = left; x <= right; x++)
            {
                float dx = x - drop.X;
                float body = Falloff(dx * scaleX, dy * scaleY)
                    + Falloff((dx - shiftX) * secondX, (dy - shiftY) * secondY);
                float edge = (body - low) * scale;
                if (edge <= 0f) continue;
                float cover = Field.SmoothStep(edge) * drop.Opacity;
                int from = rowY + Mirror((int)(drop.X - dx * drop.Refraction), image.Width);
                // More sky at the bottom, where the upside-down view shows it.
                float sky = Math.Clamp(drop.Sky * (1f + 0.8f * dy / drop.RadiusY), 0f, 1f);
                float dark = rim > 0f ? 1f - rim * Math.Clamp(1.6f - edge, 0f, 1f) : 1f;
                float lit = 0f;
                if (shine > 0f)
                {
                    float sx = x - shineX, sy = y - shineY;
                    lit = shine * Math.Max(0f, 1f - (sx * sx + sy * sy) * shineScale);
                }
                int i = y * image.Width + x;
                r[i] += cover * ((seenR[from] + sky * (skyLight - skyBlue - seenR[from])) * dark + lit - r[i]);
                g[i] += cover * ((seenG[from] + sky * (skyLight - seenG[from])) * dark + lit - g[i]);
                b[i] += cover * ((seenB[from] + sky * (skyLight + skyBlue - seenB[from])) * dark + lit - b[i]);
            }
        }
    }

    private static float Falloff(float x, float y)
    {
        float inside = 1f - x * x - y * y;
        return inside > 0f ? inside * inside : 0f;
    }

    private static int Mirror(int at, int size)
    {
        if ((uint)at < (uint)size) return at;
        int period = 2 * size;
        at = ((at % period) + period) % period;
        return at < size ? at : period - 1 - at;
    }

    private readonly record struct Drop(
        float X, float Y, float RadiusX, float RadiusY, float Softness, float Opacity, float Refraction, float Sky);
}
