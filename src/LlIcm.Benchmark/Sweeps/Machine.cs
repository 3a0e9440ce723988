using System.Runtime.InteropServices;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>What computes.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">How many threads it runs at once.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
public sealed record Machine(string Processor, int Cores, long MemoryBytes, string System, string Runtime)
{
    /// <summary>This machine.</summary>
    public static Machine Here { get; } = new(
        ProcessorName(), Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, SystemName(), RuntimeInformation.FrameworkDescription);

    private static string ProcessorName() =>
        ValueOf("/proc/cpuinfo", "model name") ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string SystemName() => ValueOf("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription;

    private static string? ValueOf(string path, string key)
    {
        try
        {
            return File.Exists(path)
                ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split([':', '='], 2)[^1].Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
