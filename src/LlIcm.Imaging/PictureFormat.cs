namespace LlIcm.Imaging;

/// <summary>The file formats that are recognised.</summary>
public enum PictureFormat
{
    /// <summary>PNG, lossless.</summary>
    Png,

    /// <summary>JPEG (JFIF, EXIF, Adobe).</summary>
    Jpeg,

    /// <summary>WebP, lossy or lossless.</summary>
    WebP,

    /// <summary>TIFF, its first page; written with lossless deflate compression.</summary>
    Tiff,

    /// <summary>AVIF: AV1 in a HEIF container.</summary>
    Avif,

    /// <summary>HEIC: HEVC in a HEIF container; read only.</summary>
    Heic,

    /// <summary>JPEG XL, bare or in a container; read only.</summary>
    Jxl,

    /// <summary>GIF, its first frame; read only.</summary>
    Gif,

    /// <summary>BMP; read only.</summary>
    Bmp,

    /// <summary>Netpbm's PPM, PGM, PBM and PAM; read only.</summary>
    Ppm,
}
