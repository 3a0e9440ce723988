using System.Diagnostics;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Benchmarks;

/// <summary>
/// Compresses and decompresses a 768×512 picture with random weights, beside the Python reference, and shows where the time
/// goes. <c>LLICM_BENCHMARK_RUNS</c> sets the number of runs.
/// </summary>
internal static class CodecBenchmark
{
    private const int Height = 512, Width = 768;

    // The published MLIC++ code with PyTorch, random weights, the same picture size, on two cores.
    private static readonly Figures s_reference = new(4.2, 8.2, 5.3, 10.5, 1.1);

    public static void Run()
    {
        OnnxRuntime.Threads = Timing.Threads;
        Measure("MLIC++ (paper)", MlicOptions.MlicPlusPlus, s_reference);
        Measure("compact", MlicOptions.Compact, null);
    }

    private static void Measure(string name, MlicOptions options, Figures? reference)
    {
        using var scope = new TensorScope();
        HostEngine.Seed(1);
        using var model = new MlicModel(options);
        model.UpdateTables();
        Tensor picture = Tensor.Rand(1, 3, Height, Width);
        long start = Stopwatch.GetTimestamp();
        using var coder = new MlicCoder(model);
        coder.Prepare(encoding: true);
        coder.Prepare(encoding: false);
        double loading = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var compress = new Series();
        var decompress = new Series();
        var stages = new Stages();
        Usage.ResetPeak();
        for (int run = -1; run < Timing.Runs; run++)
        {
            using var each = new TensorScope();
            LatentSegment segment = null!;
            long h = 0, w = 0;
            compress.Add(run, () =>
            {
                Tensor y = stages.Time(run, "g_a", () => coder.Analyse(picture));
                if (coder.Gain(4) is { } gain) y *= gain;
                (h, w) = (y.Size(2), y.Size(3));
                segment = stages.Time(run, "h_a, h_s, contexts, rANS: encode", () => coder.Encode(y));
            });
            decompress.Add(run, () =>
            {
                Tensor yHat = stages.Time(run, "h_s, contexts, rANS: decode", () => coder.Decode(segment, h, w));
                stages.Time(run, "g_s", () => coder.Synthesise(yHat, 4));
            });
        }
        double peak = Usage.PeakGibibytes();

        ReferenceTable.Header($"{name}, {Width}×{Height}, {OnnxRuntime.Threads} threads, median of {Timing.Runs}");
        ReferenceTable.Row("compress, s", compress.Wall, reference?.Compress);
        ReferenceTable.Row("  CPU s", compress.Cpu, reference?.CompressCpu);
        ReferenceTable.Row("decompress, s", decompress.Wall, reference?.Decompress);
        ReferenceTable.Row("  CPU s", decompress.Cpu, reference?.DecompressCpu);
        ReferenceTable.Row("peak memory, GiB", peak, reference?.Peak);
        ReferenceTable.Row("recording and sessions, s", loading);
        Console.WriteLine("  stages, ms");
        foreach ((string stage, double seconds) in stages.Medians) Console.WriteLine($"    {stage,-34}{seconds * 1e3,8:0.0}");
        Console.WriteLine();
    }

    private sealed record Figures(double Compress, double CompressCpu, double Decompress, double DecompressCpu, double Peak);

    private sealed class Series
    {
        private readonly List<double> _wall = [], _cpu = [];

        public double Wall => Timing.Middle(_wall);

        public double Cpu => Timing.Middle(_cpu);

        public void Add(int run, Action action)
        {
            double before = Usage.CpuSeconds();
            double start = Timing.Now;
            action();
            if (run < 0) return;
            _wall.Add(Timing.Now - start);
            _cpu.Add(Usage.CpuSeconds() - before);
        }
    }

    private sealed class Stages
    {
        private readonly Dictionary<string, List<double>> _seconds = new(StringComparer.Ordinal);

        public IEnumerable<(string Stage, double Seconds)> Medians =>
            _seconds.Select(each => (each.Key, Timing.Middle(each.Value)));

        public T Time<T>(int run, string stage, Func<T> action)
        {
            double start = Timing.Now;
            T result = action();
            Add(run, stage, Timing.Now - start);
            return result;
        }

        public void Add(int run, string stage, double seconds)
        {
            if (run < 0) return;
            if (!_seconds.TryGetValue(stage, out List<double>? list)) _seconds[stage] = list = [];
            list.Add(seconds);
        }
    }
}
