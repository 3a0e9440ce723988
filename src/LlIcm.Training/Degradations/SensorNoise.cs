namespace LlIcm.Training.Degradations;

/// <summary>Noise as a camera with a Bayer sensor makes it.</summary>
internal static class SensorNoise
{
    /// <summary>
    /// Replaces linear light by what a sensor would have seen: every photosite of an RGGB mosaic has noise of variance
    /// <c>shot * light + read²</c> (Foi et al., TIP 2008), which bilinear demosaicing spreads over its neighbours and
    /// white
    /// balance amplifies in red and blue.
    /// </summary>
    /// <param name="light">Linear light, 0–1; replaced, may leave 0–1.</param>
    /// <param name="shot">Variance for one unit of light.</param>
    /// <param name="read">Standard deviation without light.</param>
    /// <param name="grain">Blur of the noise in pixels.</param>
    /// <param name="colourGrain">Further blur of its colour in pixels.</param>
    /// <param name="random">Where the noise comes from.</param>
    public static void Add(PlanarImage light, float shot, float read, float grain, float colourGrain, Xoshiro256 random)
    {
        int width = light.Width, height = light.Height;
        float red = random.NextFloat(1.2f, 2.2f), blue = random.NextFloat(1.2f, 2.4f);
        int phaseX = random.NextInt(2), phaseY = random.NextInt(2);
        float[] mosaic = new float[width * height];
        random.FillNormal(mosaic);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                int c = Site(x + phaseX, y + phaseY);
                float gain = c == 0 ? red : c == 2 ? blue : 1f;
                float signal = Math.Max(0f, light.Pixels[c * mosaic.Length + i]);
                // In sensor units the signal is smaller by the gain, and the noise grows by it afterwards.
                mosaic[i] *= gain * MathF.Sqrt(shot * signal / gain + read * read);
            }
        }

        float[] noise = Demosaic(mosaic, width, height, phaseX, phaseY);
        int size = mosaic.Length;
        if (colourGrain > 0.3f)
        {
            // Brightness stays; the differences to green get coarser.
            for (int c = 0; c < 3; c += 2)
            {
                Span<float> plane = noise.AsSpan(c * size, size);
                Field.Add(plane, noise.AsSpan(size, size), -1f);
                Field.Blur(plane, width, height, colourGrain);
                Field.Add(plane, noise.AsSpan(size, size), 1f);
            }
        }
        float before = Deviation(noise);
        // A camera's own filters take away colour first.
        float grey = random.NextFloat(0f, 0.7f);
        Span<float> green = noise.AsSpan(size, size);
        for (int c = 0; c < 3; c += 2)
        {
            Span<float> plane = noise.AsSpan(c * size, size);
            for (int i = 0; i < size; i++) plane[i] += grey * (green[i] - plane[i]);
        }
        for (int c = 0; c < 3; c++) Field.Blur(noise.AsSpan(c * size, size), width, height, grain);
        // The blur changes the grain, not the strength that was asked for.
        float keep = before / Math.Max(1e-9f, Deviation(noise));
        Field.Add(light.Pixels, noise, keep);
    }

    private static int Site(int x, int y) => (y & 1) == 0 ? ((x & 1) == 0 ? 0 : 1) : (x & 1) == 0 ? 1 : 2;

    private static float[] Demosaic(float[] mosaic, int width, int height, int phaseX, int phaseY)
    {
        int size = mosaic.Length;
        float[] planes = new float[3 * size];
        for (int y = 0; y < height; y++)
        {
            int above = (y > 0 ? y - 1 : Math.Min(1, height - 1)) * width;
            int below = (y + 1 < height ? y + 1 : Math.Max(0, height - 2)) * width;
            int row = y * width;
            for (int x = 0; x < width; x++)
            {
                int l = x > 0 ? x - 1 : Math.Min(1, width - 1), r = x + 1 < width ? x + 1 : Math.Max(0, width - 2);
                int site = Site(x + phaseX, y + phaseY);
                float own = mosaic[row + x];
                float across = 0.5f * (mosaic[row + l] + mosaic[row + r]);
                float down = 0.5f * (mosaic[above + x] + mosaic[below + x]);
                if (site == 1)
                {
                    // A green site: red lies beside it in rows of red, above and below it in rows of blue.
                    bool redRow = ((y + phaseY) & 1) == 0;
                    planes[row + x] = redRow ? across : down;
                    planes[size + row + x] = own;
                    planes[2 * size + row + x] = redRow ? down : across;
                    continue;
                }
                float corners = 0.25f * (mosaic[above + l] + mosaic[above + r] + mosaic[below + l] + mosaic[below + r]);
                planes[row + x] = site == 0 ? own : corners;
                planes[size + row + x] = 0.5f * (across + down);
                planes[2 * size + row + x] = site == 0 ? corners : own;
            }
        }
        return planes;
    }

    private static float Deviation(float[] values)
    {
        float sum = 0f;
        foreach (float v in values) sum += v * v;
        return MathF.Sqrt(sum / values.Length);
    }
}
