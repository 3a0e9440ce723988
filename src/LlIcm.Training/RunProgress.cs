namespace LlIcm.Training;

/// <summary>Where a run is.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Step">Steps made.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Values">The last step's measures.</param>
/// <param name="SamplesPerSecond">Throughput of all processes since the last report; 0 before the first step.</param>
/// <param name="Remaining">Time to the last step, at that speed.</param>
public sealed record RunProgress(
    string Stage, long Step, long Steps, IReadOnlyList<(string Name, double Value)> Values, double SamplesPerSecond,
    TimeSpan Remaining);
