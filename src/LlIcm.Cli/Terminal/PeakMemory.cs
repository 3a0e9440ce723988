using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Cli.Terminal;

/// <summary>The most memory that this process has had, libtorch's included.</summary>
public static class PeakMemory
{
    /// <summary>Bytes of resident memory at the highest point so far.</summary>
    public static long Bytes => FromProc() ?? Process.GetCurrentProcess().PeakWorkingSet64;

    // .NET's own number is not filled in on Linux.
    private static long? FromProc()
    {
        if (!OperatingSystem.IsLinux()) return null;
        const string key = "VmHWM:";
        string? line = File.ReadLines("/proc/self/status")
            .FirstOrDefault(each => each.StartsWith(key, StringComparison.Ordinal));
        string[]? fields = line?[key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields is [var number, ..] && long.TryParse(number, CultureInfo.InvariantCulture, out long kilobytes)
            ? kilobytes * 1024
            : null;
    }
}
