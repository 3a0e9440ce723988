using LlIcm.Onnx;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Vision;

namespace LlIcm.Benchmarks;

/// <summary>One evaluation of the restorer's and the recogniser's networks, random weights.</summary>
internal static class NetworkBenchmark
{
    public static void RunUNet()
    {
        OnnxRuntime.Threads = Timing.Threads;
        ReferenceTable.Header($"restorer, one step, {OnnxRuntime.Threads} threads, median of {Timing.Runs}");
        using (var universal = new ConditionalUNet(ConditionalUNetOptions.Universal)) Step("universal U-Net 256², s", universal, 256, 2.6);
        using var compact = new ResidualUNet(ResidualUNetOptions.Compact);
        Step("compact 512×768, s", compact, 512);
        ReferenceTable.Row("peak memory, GiB", Usage.PeakGibibytes());
        Console.WriteLine();
    }

    public static void RunClip()
    {
        OnnxRuntime.Threads = Timing.Threads;
        using var scope = new TensorScope();
        using var model = new DaClipModel(ClipOptions.VitB32);
        Tensor picture = Tensor.Randn(1, 3, model.Options.ImageSize, model.Options.ImageSize);
        using OnnxProgram encoder = OnnxProgram.Record("DA-CLIP", [new GraphInput(picture.Shape.ToArray())], inputs =>
        {
            (Tensor content, Tensor degradation) = model.EncodeImage(inputs[0]);
            return [content, degradation];
        });
        double seconds = Timing.Median(() =>
        {
            using var each = new TensorScope();
            encoder.Run([picture]);
        }, Timing.Runs);
        ReferenceTable.Header($"DA-CLIP ViT-B/32, one picture, {OnnxRuntime.Threads} threads, median of {Timing.Runs}");
        ReferenceTable.Row("content and degradation, s", seconds, 0.22);
        ReferenceTable.Row("peak memory, GiB", Usage.PeakGibibytes());
        Console.WriteLine();
    }

    private static void Step(string name, ConditionalDenoiser network, long height, double? reference = null)
    {
        using var scope = new TensorScope();
        network.Eval();
        long width = reference is null ? height * 3 / 2 : height;
        Tensor picture = Tensor.Rand(1, 3, height, width), time = Tensor.From<float>([37], [1]);
        using var recorded = new RecordedDenoiser(network);
        DenoiserContext context = recorded.Prepare(
            network.DegradationWidth > 0 ? Tensor.Randn(1, network.DegradationWidth) : null,
            network.ContentWidth > 0 ? Tensor.Randn(1, network.ContentWidth) : null);
        double seconds = Timing.Median(() =>
        {
            using var each = new TensorScope();
            recorded.Forward(picture, picture, time, context);
        }, Timing.Runs);
        ReferenceTable.Row(name, seconds, reference);
    }
}
