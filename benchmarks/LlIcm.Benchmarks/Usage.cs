using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Benchmarks;

/// <summary>What the process has used: processor seconds over all threads, and the peak of resident memory.</summary>
internal static class Usage
{
    public static double CpuSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>VmHWM in GiB since the last <see cref="ResetPeak"/>, or NaN where there is no /proc.</summary>
    public static double PeakGibibytes() => Status("VmHWM:");

    /// <summary>What is resident now, in GiB, or NaN where there is no /proc.</summary>
    public static double ResidentGibibytes() => Status("VmRSS:");

    /// <summary>Lets the peak start again from what is resident now; where that is forbidden it goes on.</summary>
    public static void ResetPeak()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The figure then is the peak since the start, which is still a bound.
        }
    }

    private static double Status(string label)
    {
        if (!File.Exists("/proc/self/status")) return double.NaN;
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(label, StringComparison.Ordinal));
        string number = line[label.Length..].Trim().Split(' ')[0];
        return double.Parse(number, CultureInfo.InvariantCulture) / (1 << 20);
    }
}
