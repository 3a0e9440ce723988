using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>
/// Haze removal by the dark channel prior (He, Sun and Tang, CVPR 2009), the transmission refined by the guided filter (ECCV 2010).
/// </summary>
public sealed class DarkChannelPrior : IRestorerUnderTest
{
    /// <summary>Half side of the squares whose darkest channel value is taken.</summary>
    public int PatchRadius { get; init; } = 7;

    /// <summary>Share of the haze that is removed.</summary>
    public double Omega { get; init; } = 0.95;

    /// <summary>Radius of the guided filter.</summary>
    public int GuideRadius { get; init; } = 40;

    /// <summary>Variance of the guide below which a window counts as flat.</summary>
    public double Epsilon { get; init; } = 1e-3;

    /// <summary>The least transmission.</summary>
    public double Floor { get; init; } = 0.1;

    /// <inheritdoc/>
    public string Name => "dark channel";

    /// <inheritdoc/>
    public string Settings => FormattableString.Invariant($"patch {2 * PatchRadius + 1}, omega {Omega}, guide {GuideRadius}/{Epsilon}, floor {Floor}");

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Hazy;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task)
    {
        Planes rgb = Planes.Of(picture);
        (int width, int height, int count) = (rgb.Width, rgb.Height, rgb.Width * rgb.Height);
        foreach (float[] plane in rgb.Values)
            for (int i = 0; i < count; i++) plane[i] /= 255f;
        float[] airlight = Airlight(rgb);
        float[] transmission = Dark(rgb, airlight);
        for (int i = 0; i < count; i++) transmission[i] = 1 - (float)Omega * transmission[i];
        float[] guide = new float[count];
        for (int i = 0; i < count; i++) guide[i] = 0.299f * rgb.Values[0][i] + 0.587f * rgb.Values[1][i] + 0.114f * rgb.Values[2][i];
        transmission = Guided(guide, transmission, width, height);
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < count; i++)
            {
                float t = Math.Max((float)Floor, transmission[i]);
                rgb.Values[c][i] = 255f * ((rgb.Values[c][i] - airlight[c]) / t + airlight[c]);
            }
        }
        return rgb.ToPicture();
    }

    // The mean of those 0.1 % of the pixels whose dark channel is brightest.
    private float[] Airlight(Planes rgb)
    {
        float[] dark = Dark(rgb, [1, 1, 1]);
        int[] brightest = [.. Enumerable.Range(0, dark.Length).OrderByDescending(i => dark[i]).Take(Math.Max(1, dark.Length / 1000))];
        return [.. rgb.Values.Select(plane => Math.Max(0.01f, brightest.Average(i => plane[i])))];
    }

    private float[] Dark(Planes rgb, float[] airlight)
    {
        float[] least = new float[rgb.Values[0].Length];
        for (int i = 0; i < least.Length; i++)
            least[i] = Math.Min(rgb.Values[0][i] / airlight[0], Math.Min(rgb.Values[1][i] / airlight[1], rgb.Values[2][i] / airlight[2]));
        return Minimum(Minimum(least, rgb.Width, rgb.Height, 1, 0), rgb.Width, rgb.Height, 0, 1);
    }

    private float[] Minimum(float[] plane, int width, int height, int stepX, int stepY)
    {
        float[] result = new float[plane.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float least = float.PositiveInfinity;
                for (int i = -PatchRadius; i <= PatchRadius; i++)
                    least = Math.Min(least, plane[Math.Clamp(y + i * stepY, 0, height - 1) * width + Math.Clamp(x + i * stepX, 0, width - 1)]);
                result[y * width + x] = least;
            }
        }
        return result;
    }

    private float[] Guided(float[] guide, float[] values, int width, int height)
    {
        float[] Box(Func<int, float> value) => Planes.Box([.. Enumerable.Range(0, guide.Length).Select(value)], width, height, GuideRadius);
        float[] mean = Box(i => guide[i]), meanValue = Box(i => values[i]), product = Box(i => guide[i] * values[i]), square = Box(i => guide[i] * guide[i]);
        float[] slope = new float[guide.Length], offset = new float[guide.Length];
        for (int i = 0; i < guide.Length; i++)
        {
            slope[i] = (product[i] - mean[i] * meanValue[i]) / (square[i] - mean[i] * mean[i] + (float)Epsilon);
            offset[i] = meanValue[i] - slope[i] * mean[i];
        }
        float[] a = Box(i => slope[i]), b = Box(i => offset[i]);
        return [.. guide.Select((g, i) => a[i] * g + b[i])];
    }
}
