using System.Runtime.InteropServices;

namespace LlIcm.Torch.Interop;

/// <summary>glibc's settings of <c>malloc</c>.</summary>
internal static partial class MemoryAllocator
{
    // Numbers of <malloc.h>: what the heap's top may keep, and from what size on a block gets pages of its own.
    private const int TrimThreshold = -1, MapThreshold = -3;

    /// <summary>Blocks up to 1 GiB come from the heap, and stay in it. What the user's environment says goes before.</summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux() || Set("MALLOC_MMAP_THRESHOLD_") || Set("MALLOC_TRIM_THRESHOLD_") || Set("GLIBC_TUNABLES")) return;
        try
        {
            _ = SetOption(MapThreshold, 1 << 30);
            _ = SetOption(TrimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, such as musl: it has its own ways.
        }
    }

    private static bool Set(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int parameter, int value);
}
