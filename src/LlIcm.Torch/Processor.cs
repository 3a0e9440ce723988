using System.Runtime.Intrinsics.X86;

namespace LlIcm.Torch;

/// <summary>What the processor can do that libtorch makes use of.</summary>
public static class Processor
{
    // CPUID leaf 7: subleaf 1, EAX; subleaf 0, EDX.
    private const int Avx512Bf16 = 1 << 5, AmxBf16 = 1 << 22;

    /// <summary>Whether it multiplies bfloat16 in hardware (AVX512-BF16, AMX).</summary>
    public static bool HasBFloat16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 1).Eax & Avx512Bf16) != 0 || (X86Base.CpuId(7, 0).Edx & AmxBf16) != 0);
}
