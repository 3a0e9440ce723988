namespace LlIcm.Imaging;

/// <summary>How the bytes of a pixel lie in memory, 8 bits each. Alpha is not premultiplied.</summary>
public enum PixelLayout
{
    /// <summary>R, G, B.</summary>
    Rgb,

    /// <summary>R, G, B, A, as in SkiaSharp's Rgba8888, ImageSharp's Rgba32 and browsers.</summary>
    Rgba,

    /// <summary>B, G, R, as in OpenCV and in bitmaps of 24 bits.</summary>
    Bgr,

    /// <summary>B, G, R, A, as in WPF, GDI+ and SkiaSharp's Bgra8888.</summary>
    Bgra,

    /// <summary>One grey value.</summary>
    Grey,
}
