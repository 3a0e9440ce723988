using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Torch;

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
        TorchRuntime.Threads = Timing.Threads;
        Measure("MLIC++ (paper)", MlicOptions.MlicPlusPlus, TransformPrecision.Single, s_reference);
        Measure("compact", MlicOptions.Compact, TransformPrecision.Single, null);
        // Emulated, bfloat16 takes minutes and tells nothing.
        if (!Processor.HasBFloat16) return;
        Measure("MLIC++, g_a and g_s in bfloat16", MlicOptions.MlicPlusPlus, TransformPrecision.BFloat16, s_reference);
        Measure("compact, g_a and g_s in bfloat16", MlicOptions.Compact, TransformPrecision.BFloat16, null);
    }

    private static void Measure(string name, MlicOptions options, TransformPrecision precision, Figures? reference)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        TorchRuntime.ManualSeed(1);
        using var model = new MlicModel(options) { TransformPrecision = precision };
        Tensor picture = Tensor.Rand(1, 3, Height, Width);
        Tensor? quality = model.Gains is null ? null : Tensor.From<float>([4f], [1]);

        _ = model.Prior.Table;
        _ = model.Conditional.Table;
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
                Tensor y = stages.Time(run, "g_a", () => model.Analyse(picture, quality));
                (h, w) = (y.Size(2), y.Size(3));
                segment = model.Encode(y);
            });
            decompress.Add(run, () =>
            {
                Tensor yHat = model.Decode(segment, h, w);
                stages.Time(run, "g_s", () => model.Synthesise(yHat, quality));
            });
        }
        double peak = Usage.PeakGibibytes();
        for (int run = -1; run < Timing.Runs; run++) Walk(model, picture, quality, stages, run);

        ReferenceTable.Header($"{name}, {Width}×{Height}, {TorchRuntime.Threads} threads, median of {Timing.Runs}");
        ReferenceTable.Row("compress, s", compress.Wall, reference?.Compress);
        ReferenceTable.Row("  CPU s", compress.Cpu, reference?.CompressCpu);
        ReferenceTable.Row("decompress, s", decompress.Wall, reference?.Decompress);
        ReferenceTable.Row("  CPU s", decompress.Cpu, reference?.DecompressCpu);
        ReferenceTable.Row("peak memory, GiB", peak, reference?.Peak);
        Console.WriteLine("  stages, ms (those of the walk are sums over the slices, while encoding)");
        foreach ((string stage, double seconds) in stages.Medians) Console.WriteLine($"    {stage,-34}{seconds * 1e3,8:0.0}");
        Console.WriteLine();
    }

    // The model tells of each intermediate result under its name: the time since the one before is what it cost.
    private static void Walk(MlicModel model, Tensor picture, Tensor? quality, Stages stages, int run)
    {
        using var scope = new TensorScope();
        Tensor y = model.Analyse(picture, quality);
        Tensor z = stages.Time(run, "h_a", () => model.HyperAnalysis.Forward(y));
        stages.Time(run, "h_s", () => model.HyperSynthesis.Forward((z - model.Prior.Medians).Round()));
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        double last = 0;
        model.Contexts.Trace = (name, _) =>
        {
            string part = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            double now = Timing.Now;
            if (last != 0) parts[part] = parts.GetValueOrDefault(part) + now - last;
            last = now;
        };
        stages.Time(run, "h_a, h_s, walk, rANS: encode", () => model.Encode(y));
        model.Contexts.Trace = null;
        foreach ((string part, double seconds) in parts) stages.Add(run, "  " + part, seconds);
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
