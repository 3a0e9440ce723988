namespace LlIcm.Imaging;

/// <summary>How pictures are written; a format ignores what it has no notion of.</summary>
public sealed record PictureSaveOptions
{
    /// <summary>Quality of lossy formats (JPEG, WebP, AVIF), 1–100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>
    /// Asks WebP for its lossless mode. PNG and TIFF are always lossless. JPEG has no such mode, and AVIF's goes through
    /// Y′CbCr, which rounds; both refuse.
    /// </summary>
    public bool Lossless { get; init; }

    /// <summary>Resolution of the colour-difference planes (JPEG and AVIF).</summary>
    public ChromaSubsampling Subsampling { get; init; }

    /// <summary>Effort spent on smaller files: 0 (fastest) – 9 (smallest); null takes a sensible middle for the format.</summary>
    public int? Effort { get; init; }

    /// <summary>Writes a progressive JPEG or an interlaced PNG.</summary>
    public bool Progressive { get; init; }
}
