namespace LlIcm.Restoration;

/// <summary>How the reverse of the SDE is walked.</summary>
public sealed record SdeRestorerOptions
{
    /// <summary>The way back from noise; ten evaluations of the network with the fast solver by default.</summary>
    public SamplerOptions Sampler { get; init; } = new() { Kind = SamplerKind.Mars, Steps = 10 };

    /// <summary>The same seed gives the same picture.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Tiles of large pictures. Random numbers belong to the whole picture, and tiles are blended at every evaluation, so that neighbours never drift apart.
    /// </summary>
    public TileOptions Tiles { get; init; } = new();
}
