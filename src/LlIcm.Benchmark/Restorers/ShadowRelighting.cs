using LlIcm.Imaging;

namespace LlIcm.Benchmark.Restorers;

/// <summary>
/// Relights the darker of two parts that Otsu's threshold (1979) of the blurred lightness finds: its mean lightness and colour in CIELAB become those
/// of the lighter part, over a soft edge.
/// </summary>
public sealed class ShadowRelighting : IRestorerUnderTest
{
    /// <summary>Blur of the lightness before the threshold, in pixels.</summary>
    public double MaskSigma { get; init; } = 5;

    /// <summary>Softness of the edge, in pixels.</summary>
    public double EdgeSigma { get; init; } = 1.5;

    /// <inheritdoc/>
    public string Name => "relight";

    /// <inheritdoc/>
    public string Settings => FormattableString.Invariant($"Otsu of lightness blurred by {MaskSigma}, edge {EdgeSigma}, CIELAB means");

    /// <inheritdoc/>
    public bool Serves(Degradation task) => task is Degradation.Shadowed;

    /// <inheritdoc/>
    public Picture Restore(Picture picture, Picture? mask, Degradation task)
    {
        Planes lab = Planes.LabOf(picture);
        (int width, int height) = (lab.Width, lab.Height);
        float[] light = Planes.Gaussian(lab.Values[0], width, height, MaskSigma);
        float threshold = Otsu(light);
        float[] dark = [.. light.Select(value => value <= threshold ? 1f : 0f)];
        int inside = (int)dark.Sum();
        if (inside == 0 || inside == dark.Length) return picture;
        float[] soft = Planes.Gaussian(dark, width, height, EdgeSigma);
        foreach (float[] plane in lab.Values)
        {
            double sumInside = 0, sumOutside = 0;
            for (int i = 0; i < plane.Length; i++)
            {
                if (dark[i] > 0) sumInside += plane[i];
                else sumOutside += plane[i];
            }
            float shift = (float)(sumOutside / (plane.Length - inside) - sumInside / inside);
            for (int i = 0; i < plane.Length; i++) plane[i] += shift * soft[i];
        }
        return lab.LabToPicture();
    }

    // The threshold, of 256 levels from 0 to 100, that parts two classes of the greatest variance between them.
    private static float Otsu(float[] light)
    {
        int[] histogram = new int[256];
        foreach (float value in light) histogram[(int)Math.Clamp(value * 2.55f + 0.5f, 0f, 255f)]++;
        double total = 0, below = 0, sumBelow = 0, best = -1;
        for (int i = 0; i < 256; i++) total += (double)i * histogram[i];
        int threshold = 0;
        for (int i = 0; i < 256; i++)
        {
            below += histogram[i];
            sumBelow += (double)i * histogram[i];
            double above = light.Length - below;
            if (below == 0 || above == 0) continue;
            double difference = sumBelow / below - (total - sumBelow) / above;
            double between = below * above * difference * difference;
            if (between > best) (best, threshold) = (between, i);
        }
        return (threshold + 0.5f) / 2.55f;
    }
}
