namespace LlIcm.Imaging;

/// <summary>How pictures are written; a format ignores what it has no notion of.</summary>
public sealed record PictureSaveOptions
{
    /// <summary>Quality of lossy formats (JPEG, WebP, AVIF), 1–100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>
    /// Asks WebP for its lossless mode (colour under fully transparent pixels is not kept). PNG and TIFF are always
    /// lossless. JPEG has no such mode, and AVIF's goes through Y′CbCr, which rounds; both refuse.
    /// </summary>
    public bool Lossless { get; init; }

    /// <summary>Resolution of the colour-difference planes (JPEG and AVIF).</summary>
    public ChromaSubsampling Subsampling { get; init; }

    /// <summary>Effort spent on size: 0 (fastest) – 9 (smallest); null takes what suits the format.</summary>
    public int? Effort { get; init; }

    /// <summary>Bits a sample: 8; AVIF takes 10 and 12, too, in which colours are rounded less.</summary>
    public int BitDepth { get; init; } = 8;

    /// <summary>Writes a progressive JPEG or an interlaced PNG.</summary>
    public bool Progressive { get; init; }
}
