using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Recognition;

/// <summary>Views of degraded pictures, with what they suffer from.</summary>
/// <param name="Whole">Pictures made small, <c>[B, 3, S, S]</c>.</param>
/// <param name="Details">Squares at native size, <c>[B·K, 3, S, S]</c>.</param>
/// <param name="Kinds">What each suffers from.</param>
public sealed record RecogniserBatch(float[] Whole, float[] Details, IReadOnlyList<Degradation> Kinds)
{
    private const int Plane = 3 * ClassifierViews.Side * ClassifierViews.Side;

    /// <summary>Looks at pictures.</summary>
    /// <param name="samples">The pictures.</param>
    /// <param name="random">Draws where the squares lie; null: where they lie in use.</param>
    public static RecogniserBatch Of(IReadOnlyList<DegradedSample> samples, Xoshiro256? random)
    {
        float[] whole = new float[samples.Count * Plane], details = new float[samples.Count * ClassifierViews.Squares * Plane];
        for (int i = 0; i < samples.Count; i++)
        {
            PlanarImage picture = samples[i].Degraded;
            byte[] rgb = picture.ToInterleaved();
            ClassifierViews.Whole(rgb, picture.Width, picture.Height).CopyTo(whole, i * Plane);
            Span<float> own = details.AsSpan(i * ClassifierViews.Squares * Plane, ClassifierViews.Squares * Plane);
            if (random is null)
            {
                ClassifierViews.Details(rgb, picture.Width, picture.Height).CopyTo(own);
                continue;
            }
            for (int k = 0; k < ClassifierViews.Squares; k++)
            {
                int left = random.NextInt(Math.Max(1, picture.Width - ClassifierViews.Side + 1));
                int top = random.NextInt(Math.Max(1, picture.Height - ClassifierViews.Side + 1));
                ClassifierViews.Square(rgb, picture.Width, picture.Height, left, top, own.Slice(k * Plane, Plane));
            }
        }
        return new RecogniserBatch(whole, details, [.. samples.Select(each => each.Kind)]);
    }
}
