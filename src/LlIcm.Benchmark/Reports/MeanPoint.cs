namespace LlIcm.Benchmark.Reports;

/// <summary>Means over the pictures of a set on one line at one setting.</summary>
/// <param name="Set">The set.</param>
/// <param name="Line">The line.</param>
/// <param name="Setting">The codec's setting.</param>
/// <param name="Pictures">How many pictures.</param>
/// <param name="BitsPerPixel">Mean of the pictures' rates.</param>
/// <param name="Values">Mean of each metric.</param>
public sealed record MeanPoint(string Set, string Line, double Setting, int Pictures, double BitsPerPixel, IReadOnlyDictionary<string, double> Values);

/// <summary>Deltas of a line against the anchor.</summary>
/// <param name="Set">The set.</param>
/// <param name="Line">The line.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Rate">BD-rate in percent: negative is saved.</param>
/// <param name="Delta">BD-metric in the metric's unit.</param>
public sealed record LineDelta(string Set, string Line, string Metric, DeltaInterval Rate, DeltaInterval Delta);
