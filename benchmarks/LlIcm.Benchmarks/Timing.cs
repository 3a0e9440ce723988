using System.Diagnostics;
using System.Globalization;

namespace LlIcm.Benchmarks;

/// <summary>
/// Medians of repeated runs: wall-clock time, or with <c>LLICM_BENCHMARK_CLOCK=cpu</c> processor seconds over all threads,
/// which say more on a busy machine.
/// </summary>
internal static class Timing
{
    /// <summary>Whether processor seconds are measured.</summary>
    public static bool IsProcessorTime { get; } = Environment.GetEnvironmentVariable("LLICM_BENCHMARK_CLOCK") == "cpu";

    /// <summary>How often the long benchmarks run each case: <c>LLICM_BENCHMARK_RUNS</c>, or 5.</summary>
    public static int Runs { get; } = Number("LLICM_BENCHMARK_RUNS", 5);

    /// <summary>Threads of one operator: <c>LLICM_BENCHMARK_THREADS</c>, or the cores.</summary>
    public static int Threads { get; } = Number("LLICM_BENCHMARK_THREADS", Environment.ProcessorCount);

    /// <summary>Seconds on the chosen clock; only differences mean something.</summary>
    public static double Now => IsProcessorTime ? Usage.CpuSeconds() : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    /// <summary>
    /// Runs <paramref name="action"/> until it is compiled at the highest tier, then <paramref name="runs"/> times.
    /// </summary>
    /// <returns>The median, in seconds.</returns>
    public static double Median(Action action, int runs = 11)
    {
        var warmUp = Stopwatch.StartNew();
        do action();
        while (warmUp.ElapsedMilliseconds < 700);

        var seconds = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            double start = Now;
            action();
            seconds[i] = Now - start;
        }

        return Middle(seconds);
    }

    /// <summary>The median of measured values.</summary>
    public static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) && number > 0
            ? number : otherwise;
}
