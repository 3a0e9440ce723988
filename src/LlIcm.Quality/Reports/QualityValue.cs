namespace LlIcm.Quality;

/// <summary>What a metric says about one picture.</summary>
/// <param name="Value">The number; null where it cannot be measured.</param>
/// <param name="Detail">More than the number, for a table: LIQE's scene and distortion; or null.</param>
/// <param name="Problem">Why there is no number: one line; or null.</param>
public readonly record struct QualityValue(double? Value, string? Detail = null, string? Problem = null)
{
    /// <summary>All that the metric says beside the number, for programs; empty for most metrics.</summary>
    public IReadOnlyList<QualityPart> Parts { get => field ?? []; init; }
}
