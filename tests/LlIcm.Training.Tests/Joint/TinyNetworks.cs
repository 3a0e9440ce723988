using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Torch;
using LlIcm.Training.Joint;
using LlIcm.Training.Tests.Codec;
using LlIcm.Vision;

namespace LlIcm.Training.Tests.Joint;

/// <summary>The smallest networks that have all parts.</summary>
internal sealed class TinyNetworks : IDisposable
{
    public const int Words = 10;

    public TinyNetworks(PredictionTarget target = PredictionTarget.Clean, ulong seed = 1)
    {
        TorchRuntime.ManualSeed(seed);
        var codec = new MlicModel(TinyCodec.Options);
        HaarInitialization.Apply(codec);
        var vision = new DaClipModel(new ClipOptions(16, 32, 8, 32, 2, 2, 0, 0, 0, 0, 0));
        vision.InitializeController(exact: false);
        var restorer = new ConditionalNafNet(new ConditionalNafNetOptions
        {
            Width = 16,
            EncoderBlocks = [1],
            MiddleBlocks = 1,
            DecoderBlocks = [1],
            Unshuffle = 2,
            Target = target,
            DegradationWidth = 16,
            ContentWidth = 16,
        });
        Networks = new JointNetworks(
            codec, vision, Initialization.Normal([Words, 16], 0.25).Unscoped(), restorer, new IrSde());
    }

    public JointNetworks Networks { get; }

    public float[][] Snapshot(string part) => [.. Parameters(part).Select(each => each.ToArray<float>())];

    public IEnumerable<Tensor> Parameters(string part) => part switch
    {
        "codec" => Networks.Codec.Parameters(),
        "controller" => Networks.Vision.Controller.Parameters().Append(Networks.Words),
        "clip" => Networks.Vision.Clip.Visual.Parameters(),
        _ => Networks.Restorer.Parameters(),
    };

    public void Dispose()
    {
        Networks.Codec.Dispose();
        Networks.Vision.Dispose();
        Networks.Words.Dispose();
        Networks.Restorer.Dispose();
    }
}
