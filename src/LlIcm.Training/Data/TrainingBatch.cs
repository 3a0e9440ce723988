using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Degraded and clean pictures of one size, as plain arrays.</summary>
public sealed class TrainingBatch
{
    /// <summary>Packs samples.</summary>
    /// <exception cref="ArgumentException">There is none, or their sizes differ.</exception>
    public TrainingBatch(IReadOnlyList<DegradedSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0) throw new ArgumentException("a batch needs a sample", nameof(samples));
        Width = samples[0].Clean.Width;
        Height = samples[0].Clean.Height;
        int plane = Width * Height, picture = 3 * plane;
        Kinds = [.. samples.Select(sample => sample.Kind)];
        Degraded = new float[samples.Count * picture];
        Clean = new float[samples.Count * picture];
        if (samples.Any(sample => sample.Mask is not null)) Masks = new float[samples.Count * plane];
        for (int i = 0; i < samples.Count; i++)
        {
            DegradedSample sample = samples[i];
            if (!Fits(sample.Clean) || !Fits(sample.Degraded))
                throw new ArgumentException("the pictures of a batch differ in size", nameof(samples));
            sample.Degraded.Pixels.CopyTo(Degraded, i * picture);
            sample.Clean.Pixels.CopyTo(Clean, i * picture);
            if (Masks is null) continue;
            if (sample.Mask is null) Array.Fill(Masks, 1f, i * plane, plane);
            else sample.Mask.CopyTo(Masks, i * plane);
        }
    }

    /// <summary>Number of samples, B.</summary>
    public int Count => Kinds.Count;

    /// <summary>Pixels in a row, W.</summary>
    public int Width { get; }

    /// <summary>Rows, H.</summary>
    public int Height { get; }

    /// <summary>The degraded pictures, 0–1: <c>[B, 3, H, W]</c>.</summary>
    public float[] Degraded { get; }

    /// <summary>The clean pictures, 0–1: <c>[B, 3, H, W]</c>.</summary>
    public float[] Clean { get; }

    /// <summary>1 kept, 0 missing: <c>[B, 1, H, W]</c>; null where no sample has a mask.</summary>
    public float[]? Masks { get; }

    /// <summary>What was done to each.</summary>
    public IReadOnlyList<Degradation> Kinds { get; }

    private bool Fits(PlanarImage image) => image.Width == Width && image.Height == Height;
}
