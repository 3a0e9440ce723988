using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LlIcm.Tensors;

namespace LlIcm.Torch.Interop;

/// <summary>
/// Makes OpenBLAS take its AVX-512 or AVX2 kernels on processors that are newer than it, and idle threads sleep.
/// </summary>
/// <remarks>
/// An OpenBLAS that does not know a processor takes kernels of its past: Debian 12's 0.3.21 those of AVX2 on AMD's Zen 4 and
/// Zen 5, where AVX-512 is almost twice as fast, and those of SSE3 on Intel's Emerald Rapids. Where it does know the processor, it
/// takes what is named here itself.
/// </remarks>
internal static partial class BlasKernels
{
    private const string Variable = "OPENBLAS_CORETYPE", WaitPolicy = "OMP_WAIT_POLICY", SpinCount = "GOMP_SPINCOUNT";

    /// <summary>Chooses, unless the user did. Has to run before OpenBLAS and libgomp are loaded: they look once.</summary>
    public static void Choose()
    {
        if (!OperatingSystem.IsLinux()) return;
        // OpenBLAS and oneDNN have threads of their own each. Those that wait must sleep: spinning they take the cores from the
        // others, which made DA-CLIP two to three times slower on two cores than on one.
        if (Unset(WaitPolicy) && Unset(SpinCount)) _ = SetEnvironment(WaitPolicy, "passive", 0);
        string? kernels = Processor.HasAvx512 ? "SkylakeX"
            : Avx2.IsSupported && Fma.IsSupported && !IsAmd() ? "Haswell" : null;
        // .NET keeps its own copy of the environment; native code sees only libc's.
        if (kernels is not null && Unset(Variable)) _ = SetEnvironment(Variable, kernels, 0);
    }

    private static bool Unset(string variable) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static bool IsAmd()
    {
        if (!X86Base.IsSupported) return false;
        (_, int b, int c, int d) = X86Base.CpuId(0, 0);
        return (b, d, c) == (0x68747541, 0x69746E65, 0x444D4163); // "Auth" "enti" "cAMD"
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
