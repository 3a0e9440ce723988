using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm;

/// <summary>How a picture is compressed.</summary>
public sealed record CompressOptions
{
    /// <summary>Quality, continuous from 1 (smallest) to 8 (best).</summary>
    public double Quality { get; init; } = 4;

    /// <summary>Bits a pixel to stay below, found by search; overrides <see cref="Quality"/>.</summary>
    public double? BitsPerPixel { get; init; }

    /// <summary>File size in bytes to stay below, found by search; overrides <see cref="Quality"/>.</summary>
    public long? TargetBytes { get; init; }

    /// <summary>Whether EXIF and XMP are kept.</summary>
    public bool KeepMetadata { get; init; }

    /// <summary>
    /// For pictures with missing parts: white (≥ 128) pixels are kept, black ones are missing. They are filled smoothly before coding, which costs
    /// few bits, and the file says which they were. Of the picture's size; null: nothing is missing.
    /// </summary>
    public Picture? Mask { get; init; }

    /// <summary>Whether areas painted pure white are taken as missing, where no <see cref="Mask"/> tells.</summary>
    public bool FindPaintedHoles { get; init; }

    /// <summary>What the picture suffers from, noted for the restorer.</summary>
    public TaskHint Task { get; init; } = TaskHint.None;
}
