namespace LlIcm.Training.Degradations;

/// <summary>
/// Spoils a clean picture in one way. Deterministic: the same picture, generator state and severity give the same
/// result (on every machine, but for the last bit of its exp, sin and pow). An instance holds options only and may be
/// used by several threads at once.
/// </summary>
public abstract class DegradationModel
{
    /// <summary>What it does to a picture.</summary>
    public abstract Degradation Kind { get; }

    /// <summary>Makes the degraded picture of a clean one.</summary>
    /// <param name="clean">The picture in 0–1; it is not changed.</param>
    /// <param name="random">Draws the parameters and the pattern.</param>
    /// <param name="severity">0 (the mild end of the options' ranges) to 1 (the heavy end).</param>
    /// <exception cref="ArgumentOutOfRangeException">The severity is outside 0–1.</exception>
    public DegradedSample Apply(PlanarImage clean, Xoshiro256 random, float severity)
    {
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(random);
        if (!(severity >= 0f && severity <= 1f))
            throw new ArgumentOutOfRangeException(nameof(severity), severity, "the severity must be in 0–1");
        PlanarImage degraded = clean.Clone();
        float[]? mask = Spoil(degraded, random, severity);
        degraded.Quantise();
        return new DegradedSample(degraded, clean, Kind, mask);
    }

    /// <summary>Changes a picture in place; the result may leave 0–1.</summary>
    /// <returns>The mask of the pixels kept, <c>[Height, Width]</c>, where parts are missing; else null.</returns>
    private protected abstract float[]? Spoil(PlanarImage image, Xoshiro256 random, float severity);
}
