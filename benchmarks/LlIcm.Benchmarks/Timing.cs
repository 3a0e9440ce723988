using System.Diagnostics;

namespace LlIcm.Benchmarks;

/// <summary>Median wall-clock time of repeated runs.</summary>
internal static class Timing
{
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
            long start = Stopwatch.GetTimestamp();
            action();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[runs / 2];
    }
}
