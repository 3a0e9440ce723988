using System.Runtime.InteropServices;

namespace LlIcm.Imaging.Interop;

/// <summary>Keeps .NET's Brotli and zlib apart from those that libvips brings along.</summary>
/// <remarks>
/// libvips opens its modules with global symbols, and the one for JPEG XL drags the system's Brotli in. .NET's own copy is bound
/// lazily: calls among its functions would then end in the other copy, with another layout of the state, and crash.
/// </remarks>
internal static partial class CompressionLibrary
{
    private const int BindNow = 2, BindOwnFirst = 8;

    /// <summary>Binds .NET's library to itself. Has to run before libvips starts.</summary>
    public static void Bind()
    {
        // The flags' values are those of glibc.
        if (!OperatingSystem.IsLinux()) return;
        string path = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.IO.Compression.Native.so");
        try
        {
            if (File.Exists(path)) _ = Open(path, BindNow | BindOwnFirst);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library than glibc: nothing to do.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
