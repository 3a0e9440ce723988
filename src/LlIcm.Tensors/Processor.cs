using System.Runtime.Intrinsics.X86;

namespace LlIcm.Tensors;

/// <summary>What the processor can do that libtorch makes use of.</summary>
public static class Processor
{
    // CPUID leaf 7: subleaf 1, EAX; subleaf 0, EDX.
    private const int Avx512Bf16 = 1 << 5, AmxBf16 = 1 << 22;

    /// <summary>Whether it has AVX-512 as oneDNN's kernels want it.</summary>
    public static bool HasAvx512 { get; } = Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported;

    /// <summary>Whether it multiplies bfloat16 in hardware (AVX512-BF16, AMX).</summary>
    public static bool HasBFloat16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 1).Eax & Avx512Bf16) != 0 || (X86Base.CpuId(7, 0).Edx & AmxBf16) != 0);

    /// <summary>
    /// The order in which libtorch convolves maps fastest: channels innermost with AVX-512 and on GPUs; row-major elsewhere, where
    /// oneDNN 2.6 takes half the time for it (benchmark <c>conv</c>). In a narrower type always channels innermost: row-major
    /// maps are then summed up in that type by processors that do not multiply it.
    /// </summary>
    /// <param name="map">The map that goes into the first convolution.</param>
    public static MemoryFormat ConvolutionFormat(Tensor map) =>
        map.Device.IsCpu && map.Type == ScalarType.Float && !Autocast.IsOnCpu && !HasAvx512
            ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast;
}
