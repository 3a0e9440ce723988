namespace LlIcm.Restoration;

/// <summary>How a large picture is cut so that restoring it takes bounded memory.</summary>
public sealed record TileOptions
{
    /// <summary>Pictures with a longer side are worked off in tiles of this side, in pixels; 0: never.</summary>
    public int Size { get; init; } = 512;

    /// <summary>Rows and columns that neighbouring tiles share.</summary>
    public int Overlap { get; init; } = 64;
}
