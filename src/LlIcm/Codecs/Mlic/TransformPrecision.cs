namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Arithmetic of g_a and g_s in inference. Neither touches what encoder and decoder must share, so the two sides may differ; the
/// entropy model is always in single precision.
/// </summary>
public enum TransformPrecision
{
    /// <summary>32-bit floating point: equal to the published code within rounding.</summary>
    Single,

    /// <summary>
    /// bfloat16, the last layer in single precision. About twice as fast on processors that multiply it in hardware
    /// (AVX512-BF16, AMX); much slower on others.
    /// </summary>
    BFloat16,

    /// <summary><see cref="BFloat16"/> where the processor has it in hardware, else <see cref="Single"/>.</summary>
    Automatic,
}
