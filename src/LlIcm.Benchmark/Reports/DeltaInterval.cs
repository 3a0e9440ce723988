namespace LlIcm.Benchmark.Reports;

/// <summary>A Bjøntegaard delta with its 95 % interval.</summary>
/// <param name="Value">The delta; null where there is none.</param>
/// <param name="Low">The interval's lower end; null where it can't be told.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Problem">Why there is no value, or why it deserves caution; null: nothing to say.</param>
public sealed record DeltaInterval(double? Value, double? Low, double? High, string? Problem);
