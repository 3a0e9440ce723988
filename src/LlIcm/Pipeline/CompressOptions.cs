using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm;

/// <summary>How a picture is compressed.</summary>
public sealed record CompressOptions
{
    /// <summary>The quality where neither a quality nor a size is asked for.</summary>
    public const double DefaultQuality = 4;

    /// <summary>Quality, continuous from 1 (smallest) to 8 (best); null: <see cref="DefaultQuality"/>, or what the size asked for allows.</summary>
    public double? Quality { get; init; }

    /// <summary>Bits a pixel to stay below, above 0, found by search; in place of a quality and of <see cref="TargetBytes"/>.</summary>
    public double? BitsPerPixel { get; init; }

    /// <summary>File size in bytes to stay below, 1 or more, found by search; in place of a quality and of <see cref="BitsPerPixel"/>.</summary>
    public long? TargetBytes { get; init; }

    /// <summary>Whether EXIF and XMP are kept.</summary>
    public bool KeepMetadata { get; init; }

    /// <summary>
    /// For pictures with missing parts: white (≥ 128) pixels are kept, black ones are missing. They are filled smoothly before coding, which costs
    /// few bits, and the file says which they were. Of the picture's size; null: nothing is missing.
    /// </summary>
    public Picture? Mask { get; init; }

    /// <summary>
    /// Whether areas painted pure white are taken as missing, where no <see cref="Mask"/> tells; so they are, too, where <see cref="Degradation"/> says so.
    /// </summary>
    public bool FindPaintedHoles { get; init; }

    /// <summary>What the picture suffers from, noted in the file for the restorer; null: nothing is noted.</summary>
    public Degradation? Degradation { get; init; }

    internal void Validate()
    {
        if (Quality is { } quality && quality is not (>= LlicHeader.MinQuality and <= LlicHeader.MaxQuality))
            throw new ArgumentOutOfRangeException(nameof(Quality), quality, "a quality is 1 to 8");
        if (BitsPerPixel is { } bits && !(bits > 0 && double.IsFinite(bits)))
            throw new ArgumentOutOfRangeException(nameof(BitsPerPixel), bits, "a rate is above 0");
        if (TargetBytes is < 1) throw new ArgumentOutOfRangeException(nameof(TargetBytes), TargetBytes, "a size is 1 byte or more");
        if (BitsPerPixel is not null && TargetBytes is not null) throw new ArgumentException("a size is given as bits per pixel or in bytes, not both", nameof(TargetBytes));
        if (Quality is not null && (BitsPerPixel is not null || TargetBytes is not null)) throw new ArgumentException("where a size is given, it finds the quality", nameof(Quality));
        if (Degradation is { } given && (!Enum.IsDefined(given) || given == LlIcm.Degradation.Clean))
            throw new ArgumentOutOfRangeException(nameof(Degradation), given, "it is one of the ten degradations, or null");
    }
}
