namespace LlIcm.Imaging;

/// <summary>What a file says of its pixels that decoders do not pass on.</summary>
internal sealed record FileDescription
{
    /// <summary>Pictures, frames and pages in the file, as far as is known: at least 1.</summary>
    public int Images { get; init; } = 1;

    /// <summary>The colour space, where the file describes it by other means than an ICC profile.</summary>
    public RgbSpace? Space { get; init; }

    /// <summary>Why the described colours cannot be converted, without the file's name; null where they can.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the description counts even where there is an ICC profile.</summary>
    public bool PrecedesIcc { get; init; }

    /// <summary>Whether the colours have been multiplied with the opacity.</summary>
    public bool IsPremultiplied { get; init; }

    /// <summary>How the samples encode CIELab; null for other colours.</summary>
    public LabEncoding? Lab { get; init; }

    /// <summary>Reads it. Never fails: what is damaged is left to the decoder.</summary>
    public static FileDescription Of(PictureFormat format, ReadOnlySpan<byte> data) => format switch
    {
        PictureFormat.Png => PngHeader.Describe(data),
        PictureFormat.Avif or PictureFormat.Heic => HeifHeader.Describe(data),
        PictureFormat.Tiff => TiffHeader.Describe(data),
        PictureFormat.Jpeg => JpegHeader.Describe(data),
        _ => new FileDescription(),
    };
}
