namespace LlIcm.Container;

/// <summary>
/// What a segment holds. The bit 0x40 marks a segment that a reader may skip; one without it that a reader does not
/// know means that the reader cannot show the picture.
/// </summary>
public enum SegmentType : byte
{
    /// <summary>The entropy-coded latents: the picture itself.</summary>
    Latents = 0x01,

    /// <summary>The alpha plane, lossless.</summary>
    Alpha = 0x02,

    /// <summary>The EXIF block, as libvips and JPEG's APP1 have it.</summary>
    Exif = 0x41,

    /// <summary>The XMP packet.</summary>
    Xmp = 0x42,

    /// <summary>Free-form JSON, e.g. how to restore.</summary>
    Metadata = 0x43,

    /// <summary>Which pixels were missing and have been filled before coding, lossless.</summary>
    Holes = 0x44,
}
