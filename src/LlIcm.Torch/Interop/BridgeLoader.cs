using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlIcm.Torch.Interop;

/// <summary>Finds and loads the native bridge, and says what to do when it cannot.</summary>
internal static class BridgeLoader
{
    /// <summary>Names the bridge itself or the folder that holds it.</summary>
    public const string PathVariable = "LLICM_TORCH_BRIDGE";

    private const string FileName = "libllicm_torch.so";
    private const long NeededAddressSpace = 1200L << 20;
    private static readonly Lock s_gate = new();
    private static nint s_library;

    // Nothing is loaded here: a program that touches no tensor must not pay for libtorch.
#pragma warning disable CA2255 // the resolver has to stand before the first P/Invoke of this assembly
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(BridgeLoader).Assembly, (name, _, _) =>
    {
        if (name != NativeMethods.Library) return 0;
        EnsureLoaded();
        return s_library;
    });

    /// <summary>Loads the bridge once; later calls cost a field read.</summary>
    /// <exception cref="TorchUnavailableException">It cannot be found or loaded; the message lists causes and cures.</exception>
    public static void EnsureLoaded()
    {
        if (Volatile.Read(ref s_library) != 0) return;
        lock (s_gate)
        {
            if (s_library != 0) return;
            RequireAddressSpace();
            BlasKernels.Choose();
            nint library = Load();
            CheckAbi(library);
            Volatile.Write(ref s_library, library);
        }
    }

    // Where the process may map less than it needs (ulimit -v), OpenBLAS tries for ever to get its buffers instead of saying so.
    private static void RequireAddressSpace()
    {
        if (!OperatingSystem.IsLinux() || Number("/proc/self/limits", "Max address space") is not { } allowed) return;
        long left = allowed - 1024 * (Number("/proc/self/status", "VmSize:") ?? 0);
        if (left < NeededAddressSpace)
            throw new OutOfMemoryException($"libtorch needs {NeededAddressSpace >> 20} MiB of address space, the process may map {Math.Max(left, 0) >> 20} MiB more (ulimit -v)");
    }

    // The first number behind a key; none where the limit is "unlimited".
    private static long? Number(string path, string key)
    {
        try
        {
            string? line = File.ReadLines(path).FirstOrDefault(each => each.StartsWith(key, StringComparison.Ordinal));
            string? word = line?[key.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return long.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out long value) ? value : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static nint Load()
    {
        var tried = new List<string>();
        foreach (string path in Candidates())
        {
            if (!File.Exists(path))
            {
                tried.Add($"{path}: not there");
                continue;
            }
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                tried.Add($"{path}: {Reason(error)}");
            }
        }
        throw new TorchUnavailableException(tried);
    }

    private static IEnumerable<string> Candidates()
    {
        string? named = Environment.GetEnvironmentVariable(PathVariable);
        if (!string.IsNullOrEmpty(named))
        {
            // A named bridge is meant: falling back to another one would hide the mistake.
            yield return Directory.Exists(named) ? Path.Combine(named, FileName) : named;
            yield break;
        }
        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "LlIcm.slnx"))) continue;
            yield return Path.Combine(at.FullName, "artifacts", "native", FileName);
            yield break;
        }
    }

    private static unsafe void CheckAbi(nint library)
    {
        var version = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "llt_abi_version");
        int found = version();
        if (found != NativeMethods.AbiVersion)
            throw new TorchUnavailableException([
                $"the bridge has ABI {found}, this program needs {NativeMethods.AbiVersion}: build native/ again"]);
    }

    // The loader's own words: the runtime puts a heading before them, and what else it tried behind.
    private static string Reason(Exception error)
    {
        string[] lines = error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Skip(1).FirstOrDefault(line => !line.EndsWith("No such file or directory", StringComparison.Ordinal))
            ?? lines.Skip(1).FirstOrDefault() ?? lines[0];
    }
}
