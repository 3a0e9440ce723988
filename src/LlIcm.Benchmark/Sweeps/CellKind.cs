namespace LlIcm.Benchmark.Sweeps;

/// <summary>What a cell of a sweep computes.</summary>
public enum CellKind
{
    /// <summary>A picture coded and decoded.</summary>
    Code,

    /// <summary>A picture restored.</summary>
    Restore,

    /// <summary>One metric of one picture.</summary>
    Measure,

    /// <summary>A codec's speed on one picture.</summary>
    Time,
}
