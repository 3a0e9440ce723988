using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Benchmarks;

/// <summary>
/// Two bodies for a small restorer, one core: a step's forward and backward pass over 8 crops of 128². See
/// docs/decisions/0006-residual-restorer.md.
/// </summary>
internal static class RestorerBenchmark
{
    public static void Run()
    {
        TorchRuntime.Threads = 1;
        ReferenceTable.Header($"restorer, forward and backward, 8 crops of 128², 1 thread, median of {Timing.Runs}");
        using (var gated = new ConditionalNafNet(new ConditionalNafNetOptions
        {
            Width = 40,
            EncoderBlocks = [2, 3],
            MiddleBlocks = 5,
            DecoderBlocks = [3, 2],
            Unshuffle = 2,
            Target = LlIcm.Restoration.PredictionTarget.Clean,
            DegradationWidth = 64,
            ContentWidth = 64,
        }))
            Row("NAFNet, 40 kMAC a pixel, s", gated);
        using var residual = new ResidualUNet(ResidualUNetOptions.Compact);
        Row("residual U-Net, 90 kMAC a pixel, s", residual);
        Console.WriteLine();
    }

    private static void Row(string name, ConditionalDenoiser network)
    {
        using var scope = new TensorScope();
        network.RequireGrad();
        Tensor crops = Tensor.Rand(8, 3, 128, 128), time = Tensor.Full([8], 50.0);
        Tensor degradation = Tensor.Randn(8, 64), content = Tensor.Randn(8, 64);
        ReferenceTable.Row(name, Timing.Median(() =>
        {
            using var each = new TensorScope();
            network.Forward(crops, crops, time, degradation, content).Mean().Backward();
        }, Timing.Runs));
    }
}
