using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Benchmarks;

/// <summary>
/// Convolutions called from C#. What libtorch itself reaches is measured inside one native call: the same convolution over a
/// batch of eight, and the matrix product with the same multiplications, which is the processor's practical limit.
/// </summary>
internal static class ConvolutionBenchmark
{
    private const int Batch = 8;

    private static readonly Case[] s_cases =
    [
        new("g_a, 1/4 size", 192, 192, 3, 128, 192),
        new("g_a, 1/8 size", 192, 192, 3, 64, 96),
        new("residual prediction", 640, 224, 3, 32, 48),
        new("attention's fusion 5×5", 288, 96, 5, 32, 48),
        new("entropy parameters 1×1", 896, 320, 1, 32, 24),
        new("subpel", 192, 768, 3, 64, 96),
        new("compact g_a, 1/4 size", 64, 64, 3, 128, 192),
    ];

    public static void Run()
    {
        TorchRuntime.Threads = Timing.Threads;
        Console.WriteLine($"conv2d, GFLOP/s, {TorchRuntime.Threads} threads, one call each from C#; libtorch {TorchRuntime.Version}");
        Console.WriteLine(
            "                            NCHW    NHWC    bf16    bf16 NHWC   one call of 8   matrix product");
        foreach (Case each in s_cases)
        {
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            Tensor input = Tensor.Randn(1, each.Inputs, each.Height, each.Width);
            Tensor weight = Tensor.Randn(each.Outputs, each.Inputs, each.Kernel, each.Kernel) * 0.01;
            Tensor bias = Tensor.Randn(each.Outputs);
            long depth = each.Inputs * each.Kernel * each.Kernel;
            double operations = 2.0 * depth * each.Outputs * each.Height * each.Width;
            double Rate(double scale, Func<Tensor> call)
            {
                double seconds = Timing.Median(() => call().Dispose(), Timing.Runs);
                return scale * operations / seconds / 1e9;
            }
            double Convolve(Tensor x, Tensor w) =>
                Rate(x.Size(0), () => x.Conv2d(w, bias.To(x.Type), padding: each.Kernel / 2));
            Tensor Last(Tensor tensor) => tensor.Contiguous(MemoryFormat.ChannelsLast);
            Tensor Narrow(Tensor tensor) => tensor.To(ScalarType.BFloat16);

            double plain = Convolve(input, weight);
            double last = Convolve(Last(input), Last(weight));
            double narrow = Convolve(Narrow(input), Narrow(weight));
            double narrowLast = Convolve(Last(Narrow(input)), Last(Narrow(weight)));
            double batch = Convolve(input.Repeat(Batch, 1, 1, 1), weight);
            Tensor rows = Tensor.Randn(each.Outputs, depth), columns = Tensor.Randn(depth, each.Height * each.Width);
            double product = Rate(1, () => rows.Matmul(columns));
            Console.WriteLine($"  {each.Name,-24}{plain,8:0}{last,8:0}{narrow,8:0}{narrowLast,12:0}{batch,15:0}{product,15:0}");
        }
    }

    private sealed record Case(string Name, long Inputs, long Outputs, int Kernel, long Height, long Width);
}
