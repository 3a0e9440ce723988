using System.Diagnostics;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;

namespace LlIcm.Benchmarks;

/// <summary>One evaluation of the restorers, with random weights: wall-clock and processor seconds.</summary>
internal static class RestorationBenchmark
{
    public static void Run()
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null) TorchRuntime.UseAllCores();
        Console.WriteLine($"threads {TorchRuntime.Threads}, libtorch {TorchRuntime.Version}");
        using (var universal = new ConditionalUNet(ConditionalUNetOptions.Universal))
            Measure("universal U-Net 256²", universal, 256);
        using var compact = new ResidualUNet(ResidualUNetOptions.Compact);
        Measure("compact 512²", compact, 512);
    }

    private static void Measure(string name, ConditionalDenoiser network, int side)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        network.Eval();
        Tensor picture = Tensor.Rand(1, 3, side, side), time = Tensor.From<float>([37], [1]);
        foreach (bool narrow in Processor.HasBFloat16 ? (bool[])[false, true] : [false])
        {
            using var autocast = new Autocast(Device.Cpu, enabled: narrow);
            using var inner = new TensorScope();
            DenoiserContext context = network.Prepare(
                Tensor.Randn(1, network.DegradationWidth), Tensor.Randn(1, network.ContentWidth));
            TimeSpan used = TimeSpan.Zero;
            double wall = Timing.Median(() =>
            {
                using var step = new TensorScope();
                TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
                network.Forward(picture, picture, time, context);
                used = Process.GetCurrentProcess().TotalProcessorTime - before;
            }, 3);
            string type = narrow ? "bfloat16" : "float32";
            Console.WriteLine($"{name,-24}{type,-10}{wall,8:f3} s wall{used.TotalSeconds,9:f3} s processor");
        }
        Console.WriteLine($"{"",-24}{Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB at most so far");
    }
}
