namespace LlIcm.Training.Degradations;

/// <summary>
/// Haze by the atmospheric scattering model I = J t + A (1 − t) with t = exp(−β d) (Koschmieder; Narasimhan and Nayar,
/// IJCV 2002). The depth d, unknown for a plain photograph, is made up of a slope, smooth noise and brightness
/// ("what is bright is far"), then fitted to the picture's edges.
/// </summary>
public sealed class Haze(HazeOptions? options = null) : DegradationModel
{
    private readonly HazeOptions _options = options ?? new HazeOptions();

    /// <inheritdoc/>
    public override Degradation Kind => Degradation.Hazy;

    private protected override float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity)
    {
        int width = image.Width, height = image.Height;
        float[] depth = Depth(image, random);
        float near = Math.Clamp(_options.Near.At(severity) * random.NextFloat(0.8f, 1.1f), 0.05f, 1f);
        float far = Math.Clamp(_options.Far.At(severity) * random.NextFloat(0.7f, 1.5f), 0.03f, near);
        // Indoors all is about equally far.
        far += (near - far) * random.NextFloat() * random.NextFloat();
        float logNear = MathF.Log(near), logFar = MathF.Log(far);
        float patches = random.NextFloat(_options.Patches);
        float cell = Math.Max(width, height) * random.NextFloat(0.25f, 0.8f);
        float[] density = Field.Noise(random, width, height, cell, 4);
        for (int i = 0; i < depth.Length; i++)
        {
            float optical = (logNear + (logFar - logNear) * depth[i]) * (1f + patches * (2f * density[i] - 1f));
            depth[i] = MathF.Exp(optical);
        }

        (float R, float G, float B) airlight = Airlight(image, random);
        float local = random.NextFloat(_options.LocalLight);
        float dim = random.NextFloat(0.85f, 1f);
        float glow = Math.Max(width, height) / 6f;
        for (int c = 0; c < 3; c++)
        {
            Span<float> plane = image.Plane(c);
            float constant = (c == 0 ? airlight.R : c == 1 ? airlight.G : airlight.B) * (1f - local);
            float[]? around = null;
            if (local > 0.02f)
            {
                around = plane.ToArray();
                Field.Blur(around, width, height, glow);
            }
            for (int i = 0; i < plane.Length; i++)
            {
                float light = constant;
                // Scattering lifts the shadows: the local light never falls to black.
                if (around is not null) light += local * (0.25f + 0.75f * around[i]);
                plane[i] = plane[i] * dim * depth[i] + light * (1f - depth[i]);
            }
        }
        return null;
    }

    private static float[] Depth(PlanarImage image, Xoshiro256 random)
    {
        int width = image.Width, height = image.Height;
        float[] depth = Field.Noise(random, width, height, Math.Max(width, height) * random.NextFloat(0.3f, 1.2f), 3);
        // Mostly the top is far, sometimes a side.
        float turn = random.Chance(0.7f) ? random.NextFloat(-0.4f, 0.4f) : random.NextFloat(-1.6f, 1.6f);
        float downX = MathF.Sin(turn) / width, downY = -MathF.Cos(turn) / height;
        float slope = random.NextFloat(0f, 2f), bright = random.NextFloat(-0.2f, 0.8f);
        float[] luma = Field.Luma(image);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                depth[i] += slope * (x * downX + y * downY) + bright * luma[i];
            }
        }
        int radius = Math.Max(2, Math.Max(width, height) / (8 + random.NextInt(16)));
        if (random.Chance(0.75f)) Field.Guide(depth, luma, width, height, radius, random.NextFloat(0.003f, 0.03f));
        else Field.Blur(depth, width, height, radius);
        Field.Normalise(depth);
        return depth;
    }

    private (float R, float G, float B) Airlight(PlanarImage image, Xoshiro256 random)
    {
        Span<float> mean = stackalloc float[3];
        for (int c = 0; c < 3; c++)
        {
            float sum = 0f;
            foreach (float v in image.Plane(c)) sum += v;
            mean[c] = sum / image.PlaneSize;
        }
        float brightness = random.NextFloat(_options.Airlight);
        // Its square: mostly nearly grey, sometimes fully the colour of the room.
        float share = random.NextFloat(_options.SceneColour);
        share *= share;
        float grey = Math.Max(0.05f, (mean[0] + mean[1] + mean[2]) / 3f);
        for (int c = 0; c < 3; c++)
        {
            float hue = 1f + share * (Math.Clamp(mean[c] / grey, 0.3f, 2f) - 1f);
            mean[c] = Math.Clamp(brightness * hue + random.NextFloat(-1f, 1f) * _options.Tint, 0f, 1f);
        }
        return (mean[0], mean[1], mean[2]);
    }
}
