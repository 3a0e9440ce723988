using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Pictures that no camera takes: squares, stripes, dither, ramps and rows of signs, of full or low contrast, one beside or above the
/// other. A codec that has seen only photographs may decode them to anything.
/// </summary>
internal static class DrawnPicture
{
    private const int MostParts = 4, SignWidth = 5, SignHeight = 7;

    /// <summary>Draws a picture [3, side, side] of 8-bit levels in 0–1.</summary>
    /// <param name="side">Its side in pixels, at least 4.</param>
    /// <param name="random">Where the draws come from.</param>
    public static PlanarImage Draw(int side, Xoshiro256 random)
    {
        var image = new PlanarImage(side, side);
        Fill(image, 0, 0, side, side, random);
        for (int parts = random.NextInt(MostParts); parts > 0; parts--)
        {
            int width = side / 4 + random.NextInt(side / 2), height = side / 4 + random.NextInt(side / 2);
            Fill(image, random.NextInt(side - width), random.NextInt(side - height), width, height, random);
        }
        return image.Quantise();
    }

    // A texture says how much of the second colour a pixel has.
    private static void Fill(PlanarImage image, int left, int top, int width, int height, Xoshiro256 random)
    {
        Func<int, int, float> texture = random.NextInt(6) switch
        {
            0 or 1 => Squares(random),
            2 => Stripes(random),
            3 => Dither(random),
            4 => Ramp(width, height, random),
            _ => Signs(random),
        };
        (float[] first, float[] second) = Colours(random);
        for (int channel = 0; channel < 3; channel++)
        {
            Span<float> plane = image.Plane(channel);
            float from = first[channel], change = second[channel] - from;
            for (int y = top; y < top + height; y++)
                for (int x = left; x < left + width; x++) plane[y * image.Width + x] = from + change * texture(x, y);
        }
    }

    // Half of them black and white, either way.
    private static (float[] First, float[] Second) Colours(Xoshiro256 random)
    {
        bool extreme = random.Chance(0.5f), inverted = random.Chance(0.5f);
        float[] first = [0, 0, 0], second = [1, 1, 1];
        if (!extreme)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                first[channel] = random.NextFloat();
                second[channel] = random.NextFloat();
            }
        }
        return inverted ? (second, first) : (first, second);
    }

    private static Func<int, int, float> Squares(Xoshiro256 random)
    {
        int width = 1 << random.NextInt(6), height = random.Chance(0.7f) ? width : 1 << random.NextInt(6);
        int right = random.NextInt(width), down = random.NextInt(height);
        return (x, y) => ((x + right) / width + (y + down) / height) & 1;
    }

    private static Func<int, int, float> Stripes(Xoshiro256 random)
    {
        float period = 2f * MathF.Pow(16f, random.NextFloat()), angle = MathF.PI * random.NextInt(8) / 8f;
        float across = MathF.Cos(angle) * 2f * MathF.PI / period, along = MathF.Sin(angle) * 2f * MathF.PI / period;
        bool hard = random.Chance(0.5f);
        return (x, y) =>
        {
            float wave = MathF.Sin(across * (x + 0.5f) + along * (y + 0.5f));
            return hard ? (wave > 0f ? 1f : 0f) : 0.5f + 0.5f * wave;
        };
    }

    private static Func<int, int, float> Dither(Xoshiro256 random)
    {
        int size = 1 << random.NextInt(3);
        float share = random.NextFloat(0.1f, 0.9f);
        ulong seed = random.NextBits();
        return (x, y) => Chance(seed, (ulong)(x / size), (ulong)(y / size)) < share ? 1f : 0f;
    }

    private static Func<int, int, float> Ramp(int width, int height, Xoshiro256 random)
    {
        float across = random.NextFloat(-1f, 1f) / width, down = random.NextFloat(-1f, 1f) / height;
        return (x, y) => 0.5f + across * (x - width / 2f) + down * (y - height / 2f);
    }

    // Of five by seven dots, as letters of a terminal; a fifth of the places is empty.
    private static Func<int, int, float> Signs(Xoshiro256 random)
    {
        int dot = 1 + random.NextInt(3), columns = SignWidth + 1, rows = SignHeight + 3;
        ulong seed = random.NextBits();
        return (x, y) =>
        {
            int column = x / dot, row = y / dot, place = (row / rows << 16) + column / columns;
            if (column % columns == SignWidth || row % rows >= SignHeight || Chance(seed, 1, (ulong)place) < 0.2f) return 0f;
            // Few different signs, each often.
            ulong sign = (ulong)(Chance(seed, 2, (ulong)place) * 40f);
            return Chance(seed, 3 + sign, (ulong)(row % rows * SignWidth + column % columns)) < 0.45f ? 1f : 0f;
        };
    }

    private static float Chance(ulong seed, ulong a, ulong b) => (Xoshiro256.Mix(seed, a, b) >> 40) * (1f / (1 << 24));
}
