namespace LlIcm.Imaging;

/// <summary>Resolution of the colour-difference planes in lossy JPEG and AVIF files.</summary>
public enum ChromaSubsampling
{
    /// <summary>4:4:4 from quality 90 upwards, else 4:2:0.</summary>
    Automatic,

    /// <summary>Full resolution.</summary>
    Yuv444,

    /// <summary>Half resolution in both directions.</summary>
    Yuv420,
}
