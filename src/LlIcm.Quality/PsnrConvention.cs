namespace LlIcm.Quality;

/// <summary>Which error a PSNR is computed from. All are in dB with a peak of 255 on 8-bit values.</summary>
public enum PsnrConvention
{
    /// <summary>
    /// One mean squared error over all three channels: CompressAI's <c>psnr-rgb</c>, what codec tables print.
    /// </summary>
    Rgb,

    /// <summary>
    /// The mean of three per-channel PSNRs: a different, larger number; infinite if one channel is equal.
    /// </summary>
    RgbChannelMean,

    /// <summary>
    /// BT.601 limited-range luma 16 + (65.481 R + 128.553 G + 24.966 B)/255, not rounded: "PSNR-Y" of restoration
    /// papers.
    /// </summary>
    Luma,

    /// <summary>The same with the luma rounded to integers (ties to even) first.</summary>
    LumaRounded,

    /// <summary>Full-range luma 0.299 R + 0.587 G + 0.114 B, not rounded.</summary>
    LumaFullRange,

    /// <summary>IQA-PyTorch's <c>psnr</c>: an epsilon of 1e-8 (for values in [0, 1]) caps it at 80 dB.</summary>
    PyIqaRgb,

    /// <summary>IQA-PyTorch's <c>psnry</c>: full-range luma and the same cap at 80 dB.</summary>
    PyIqaLuma,
}
