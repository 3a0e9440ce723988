namespace LlIcm.Vision;

/// <summary>Interpolation filters of the Python Imaging Library.</summary>
public enum PillowFilter
{
    /// <summary>Triangle, support 1.</summary>
    Bilinear,

    /// <summary>Keys' cubic with a = -0.5, support 2.</summary>
    Bicubic,

    /// <summary>Lanczos' windowed sinc, support 3.</summary>
    Lanczos,
}
