namespace LlIcm.Restoration;

/// <summary>How a picture is restored.</summary>
public sealed record RestorerOptions
{
    /// <summary>The way back from noise; ten evaluations of the network with the fast solver by default.</summary>
    public SamplerOptions Sampler { get; init; } = new() { Kind = SamplerKind.Mars, Steps = 10 };

    /// <summary>The same seed gives the same picture.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Pictures with a longer side are worked off in tiles of this side, which bounds the memory; 0: never. Random
    /// numbers belong to the whole picture, and tiles are blended at every evaluation, so that neighbours never drift
    /// apart.
    /// </summary>
    public int TileSize { get; init; } = 512;

    /// <summary>Rows and columns that neighbouring tiles share.</summary>
    public int TileOverlap { get; init; } = 64;
}
