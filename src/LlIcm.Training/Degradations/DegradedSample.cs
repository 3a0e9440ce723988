namespace LlIcm.Training.Degradations;

/// <summary>A degraded picture with what it was made of.</summary>
/// <param name="Degraded">The degraded picture, 8-bit levels in 0–1.</param>
/// <param name="Clean">The picture it was made of, unchanged.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Mask">For <see cref="Degradation.Uncompleted"/>: 1 kept, 0 missing, <c>[Height, Width]</c>; else
/// null.</param>
public sealed record DegradedSample(
    PlanarImage Degraded, PlanarImage Clean, Degradation Kind, float[]? Mask = null);
