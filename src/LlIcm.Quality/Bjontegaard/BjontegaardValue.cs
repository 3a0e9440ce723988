namespace LlIcm.Quality;

/// <summary>A Bjøntegaard delta, or the reason why there is none.</summary>
/// <param name="Value">The delta; null where it would mean nothing.</param>
/// <param name="Overlap">The common part of both curves' ranges, as a share of the united range: 0 – 1.</param>
/// <param name="Problem">Why there is no value: one line; null if there is one.</param>
/// <param name="Warning">Why the value deserves caution: one line; null if it does not.</param>
public sealed record BjontegaardValue(double? Value, double Overlap, string? Problem = null, string? Warning = null);
