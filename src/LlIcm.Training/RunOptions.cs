namespace LlIcm.Training;

/// <summary>Where a run reads and writes.</summary>
public sealed record RunOptions
{
    /// <summary>A folder of clean photographs.</summary>
    public required string Data { get; init; }

    /// <summary>The folder for checkpoints and weights.</summary>
    public required string Output { get; init; }

    /// <summary>Whether to go on from the checkpoint in <see cref="Output"/>.</summary>
    public bool Resume { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Steps between reports.</summary>
    public int ReportEvery { get; init; } = 50;

    /// <summary>Receives one line a report.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
