namespace LlIcm.Imaging;

/// <summary>How pictures are read.</summary>
public sealed record PictureLoadOptions
{
    /// <summary>
    /// The most pixels (width × height, by the file's header, checked before anything is decoded) that a picture may
    /// have. 2^28 by default: 268 million, 16384 × 16384, 0.75 GiB as RGB.
    /// </summary>
    public long MaxPixels { get; init; } = 1L << 28;

    /// <summary>
    /// Keeps EXIF and XMP in <see cref="Picture.Exif"/> and <see cref="Picture.Xmp"/>. Their orientation tags are set
    /// to 1, because the pixels have been turned upright. False by default: metadata may hold a place and a person.
    /// </summary>
    public bool KeepMetadata { get; init; }
}
