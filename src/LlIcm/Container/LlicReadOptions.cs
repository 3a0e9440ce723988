namespace LlIcm.Container;

/// <summary>Limits that keep a hostile file from costing memory or time.</summary>
public sealed record LlicReadOptions
{
    /// <summary>The limits used where none are given.</summary>
    public static LlicReadOptions Default { get; } = new();

    /// <summary>The largest width and height, in pixels.</summary>
    public int MaxDimension { get; init; } = 1 << 18;

    /// <summary>The largest product of width and height.</summary>
    public long MaxPixels { get; init; } = 1L << 28;

    /// <summary>The largest size of EXIF, XMP and metadata, each, once unpacked, in bytes.</summary>
    public int MaxMetadataBytes { get; init; } = 16 << 20;

    /// <summary>How much is read from a stream, in bytes.</summary>
    public int MaxFileBytes { get; init; } = 1 << 30;
}
