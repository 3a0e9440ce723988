namespace LlIcm.Training;

/// <summary>The arithmetic of convolutions and matrix products in training.</summary>
public enum ComputePrecision
{
    /// <summary>bfloat16 where the device multiplies it in hardware, else single precision.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>bfloat16; slower than single precision on processors without AVX512-BF16 or AMX.</summary>
    Bf16,

    /// <summary>Half precision with loss scaling; on CUDA only.</summary>
    Fp16,
}
