namespace LlIcm.Benchmark.Sweeps;

/// <summary>What a cell came to, as it is stored in JSON.</summary>
public sealed record CellResult
{
    /// <summary>What the cell computed.</summary>
    public CellKind Kind { get; init; }

    /// <summary>Why there is no result: one line; null where there is one. Such a cell is tried again in the next run.</summary>
    public string? Problem { get; init; }

    /// <summary>Length of the coded file.</summary>
    public long? Bytes { get; init; }

    /// <summary>Columns of the picture that was coded.</summary>
    public int? Width { get; init; }

    /// <summary>Its rows.</summary>
    public int? Height { get; init; }

    /// <summary>A metric's value.</summary>
    public double? Value { get; init; }

    /// <summary>Seconds of encoding, of restoring, or of measuring.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seconds of decoding.</summary>
    public double? DecodeSeconds { get; init; }

    /// <summary>The most memory, in bytes.</summary>
    public long? PeakBytes { get; init; }
}
