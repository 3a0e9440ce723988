using System.Diagnostics;
using System.Globalization;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Onnx;

namespace LlIcm.Benchmarks;

/// <summary>
/// Peak memory and time of the compact model on one large square picture, made up on the spot: compress, decompress, restore
/// with one evaluation. <c>LLICM_BENCHMARK_SIDE</c> sets the side (8192); <c>LLICM_BENCHMARK_RESTORE=0</c> leaves the restorer out,
/// which takes longest.
/// </summary>
internal static class MemoryBenchmark
{
    public static void Run()
    {
        OnnxRuntime.Threads = Timing.Threads;
        int side = int.TryParse(
            Environment.GetEnvironmentVariable("LLICM_BENCHMARK_SIDE"), CultureInfo.InvariantCulture, out int number) && number > 0
                ? number : 8192;
        using LlIcmModel model = LlIcmModel.Load();
        Picture picture = Waves(side);
        Console.WriteLine($"compact model, {side}×{side}, {OnnxRuntime.Threads} threads: peak of resident memory, the picture included");
        Console.WriteLine($"  {"",-14}{"GiB",8}{"wall, s",10}{"CPU, s",10}");
        byte[] file = Measure("compress", () => new PictureCodec(model).Compress(picture).ToArray());
        picture = null!;
        Picture decoded = Measure("decompress", () => new PictureCodec(model).Decompress(LlicFile.Read(file)));
        if (Environment.GetEnvironmentVariable("LLICM_BENCHMARK_RESTORE") != "0")
            Measure("restore", () => new PictureRestorer(model).Restore(decoded, new RestoreOptions { Steps = 1 }));
        Console.WriteLine();
    }

    private static T Measure<T>(string name, Func<T> work)
    {
        Usage.ResetPeak();
        double cpu = Usage.CpuSeconds();
        long start = Stopwatch.GetTimestamp();
        T result = work();
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"  {name,-14}{Usage.PeakGibibytes(),8:0.00}{wall,10:0.0}{Usage.CpuSeconds() - cpu,10:0.0}");
        return result;
    }

    // Waves of all lengths with some noise: neither flat nor incompressible.
    private static Picture Waves(int side)
    {
        byte[] rgb = new byte[3L * side * side];
        var random = new Random(1);
        int[] lengths = [7, 23, 61, 190, 700];
        // A table for each length: sines of each pixel would take longer than coding it.
        double[][] waves = [.. lengths.Select(length =>
            Enumerable.Range(0, 2 * side + 200).Select(i => 22 * Math.Sin(2 * Math.PI * i / length)).ToArray())];
        for (int y = 0, at = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                double value = 128 + random.Next(-6, 7) + waves[0][x] + waves[1][y] + waves[2][x + y] + waves[3][x] + waves[4][y];
                for (int channel = 0; channel < 3; channel++, at++)
                    rgb[at] = (byte)Math.Clamp(value + waves[4][x + channel * 100], 0, 255);
            }
        }
        return new Picture(side, side, rgb);
    }
}
