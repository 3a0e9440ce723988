namespace LlIcm.Quality;

/// <summary>
/// How SSIM and MS-SSIM are computed. Common to all: a Gaussian window of 11 taps, σ = 1.5, no padding (only whole
/// windows count), biased variances, K1 = 0.01, K2 = 0.03, 8-bit range.
/// </summary>
public enum SsimConvention
{
    /// <summary>
    /// pytorch_msssim on RGB, which CompressAI and most codec papers use: the window is normalised in single precision,
    /// SSIM is not clamped and may be negative, a side shorter than the window is not filtered; MS-SSIM takes the
    /// product over scales for each channel, then the mean over channels. Computed here in double precision.
    /// </summary>
    Rgb,

    /// <summary>The same with a double-precision window: the mathematical value, equal to scikit-image's.</summary>
    RgbExact,

    /// <summary>As <see cref="RgbExact"/> on full-range luma rounded to integers.</summary>
    LumaExact,

    /// <summary>
    /// IQA-PyTorch's defaults <c>ssim</c> and <c>ms_ssim</c>: rounded full-range luma, the contrast–structure term is
    /// clamped at 0 in every window.
    /// </summary>
    PyIqaLuma,

    /// <summary>IQA-PyTorch's <c>ssimc</c>: RGB with that clamp.</summary>
    PyIqaRgb,
}
