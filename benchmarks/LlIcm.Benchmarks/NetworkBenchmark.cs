using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Benchmarks;

/// <summary>One evaluation of the restorer's and the recogniser's networks, random weights.</summary>
internal static class NetworkBenchmark
{
    public static void RunUNet()
    {
        TorchRuntime.Threads = Timing.Threads;
        ReferenceTable.Header($"restorer, one step, {TorchRuntime.Threads} threads, median of {Timing.Runs}");
        using (var universal = new ConditionalUNet(ConditionalUNetOptions.Universal))
        {
            Step("universal U-Net 256², s", universal, 256, narrow: false, 2.6);
            if (Processor.HasBFloat16) Step("  the same in bfloat16, s", universal, 256, narrow: true, 2.6);
        }
        using var compact = new ResidualUNet(ResidualUNetOptions.Compact);
        Step("compact 512×768, s", compact, 512, narrow: false);
        if (Processor.HasBFloat16) Step("  the same in bfloat16, s", compact, 512, narrow: true);
        ReferenceTable.Row("peak memory, GiB", Usage.PeakGibibytes());
        Console.WriteLine();
    }

    public static void RunClip()
    {
        TorchRuntime.Threads = Timing.Threads;
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using var model = new DaClipModel(ClipOptions.VitB32);
        Tensor picture = Tensor.Randn(1, 3, model.Options.ImageSize, model.Options.ImageSize);
        double seconds = Timing.Median(() =>
        {
            using var each = new TensorScope();
            model.EncodeImage(picture);
        }, Timing.Runs);
        ReferenceTable.Header($"DA-CLIP ViT-B/32, one picture, {TorchRuntime.Threads} threads, median of {Timing.Runs}");
        ReferenceTable.Row("content and degradation, s", seconds, 0.22);
        ReferenceTable.Row("peak memory, GiB", Usage.PeakGibibytes());
        Console.WriteLine();
    }

    private static void Step(string name, ConditionalDenoiser network, long height, bool narrow, double? reference = null)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var autocast = new Autocast(Device.Cpu, enabled: narrow);
        network.Eval();
        long width = reference is null ? height * 3 / 2 : height;
        Tensor picture = Tensor.Rand(1, 3, height, width), time = Tensor.From<float>([37], [1]);
        DenoiserContext context = network.Prepare(
            network.DegradationWidth > 0 ? Tensor.Randn(1, network.DegradationWidth) : null,
            network.ContentWidth > 0 ? Tensor.Randn(1, network.ContentWidth) : null);
        double seconds = Timing.Median(() =>
        {
            using var each = new TensorScope();
            network.Forward(picture, picture, time, context);
        }, Timing.Runs);
        ReferenceTable.Row(name, seconds, reference);
    }
}
