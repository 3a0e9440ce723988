using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Onnx;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Tests.Codecs;
using LlIcm.Tests.Pipeline;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Tests.Restoration;

/// <summary>Both engines compute the same from one definition: libtorch at once, ONNX Runtime from the recorded graph.</summary>
public class EngineEqualityTests
{
    private const double Absolute = 2e-5, Relative = 2e-5;

    public static TheoryData<string> Denoisers => ["unet", "half-size unet", "nafnet", "residual unet"];

    [Theory]
    [MemberData(nameof(Denoisers))]
    public void ADenoisersStep(string name)
    {
        TorchRuntime.ManualSeed(2);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using ConditionalDenoiser network = Create(name);
        foreach (Tensor parameter in network.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.05);
        Tensor state = Tensor.Randn(1, 3, 37, 50), mu = Tensor.Rand(1, 3, 37, 50), time = Tensor.From<float>([41.5f], [1]);
        Tensor? degradation = network.DegradationWidth > 0 ? Tensor.Randn(1, network.DegradationWidth) : null;
        Tensor? content = network.ContentWidth > 0 ? Tensor.Randn(1, network.ContentWidth) : null;
        Tensor expected = network.Forward(state, mu, time, degradation, content);
        using var recorded = new RecordedDenoiser(network);
        Golden.AssertClose(expected, recorded.Forward(state, mu, time, recorded.Prepare(degradation, content)), Absolute, Relative, name);
        // Without what guides it; a U-Net with transformers needs its content.
        if (network is ConditionalUNet) return;
        Golden.AssertClose(
            network.Forward(state, mu, time), recorded.Forward(state, mu, time, recorded.Prepare(null, null)), Absolute, Relative, name);
    }

    [Fact]
    public void DaClip()
    {
        TorchRuntime.ManualSeed(3);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var model = new DaClipModel(new ClipOptions(12, 32, 8, 64, 2, 1, 32, 2, 2, 10, 50) { TextureFilters = 6 });
        foreach (Tensor parameter in model.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.05);
        Tensor picture = Tensor.Randn(1, 3, 32, 32);
        (Tensor content, Tensor degradation) = model.EncodeImage(picture);
        using OnnxProgram program = OnnxProgram.Record("DA-CLIP", [new GraphInput([1, 3, 32, 32])], inputs =>
        {
            (Tensor first, Tensor second) = model.EncodeImage(inputs[0]);
            return [first, second];
        });
        Tensor[] features = program.Run([picture]);
        Golden.AssertClose(content, features[0], Absolute, Relative, "content");
        Golden.AssertClose(degradation, features[1], Absolute, Relative, "degradation");
        Tensor tokens = Tensor.From<long>([1, 5, 49, 0, 0, 1, 7, 8, 9, 49], [2, 5]);
        Golden.AssertClose(model.EncodeText(tokens), ClipTexts.Encode(model.Clip, tokens), Absolute, Relative, "texts");
    }

    public static TheoryData<string> Codecs => ["mlic", "mlic+", "mlic++", "mlic++ of 2023", "compact"];

    /// <summary>What one engine encoded the other decodes: not a symbol may differ.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void CodedHereDecodedThere(string name)
    {
        TorchRuntime.ManualSeed(4);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var model = new MlicModel(Options(name));
        model.UpdateTables();
        using var coder = new MlicCoder(model);
        Tensor latents = Tensor.Randn(1, model.Options.LatentWidth, 8, 12) * 4;
        Tensor own = coder.Decode(TorchCoding.Encode(model, latents), 8, 12);
        Tensor theirs = TorchCoding.Decode(model, coder.Encode(latents), 8, 12);
        Golden.AssertClose(theirs, own, 1e-4, 1e-4, name);
        Tensor picture = Tensor.Rand(1, 3, 64, 128);
        Golden.AssertClose(model.Analysis.Forward(picture), coder.Analyse(picture), Absolute, Relative, "y");
    }

    [Fact]
    public void ScalesLieFarWithinWhatFilesAllow()
    {
        using var scope = new TensorScope();
        using LlIcmModel model = LlIcmModel.Load();
        LlicFile file = new PictureCodec(model).Compress(TinyModel.Picture(320, 256), new CompressOptions { Quality = 6 });
        var own = new List<float>();
        var theirs = new List<float>();
        model.Coder.Decode(file.Latents, 16, 20, true, own.AddRange);
        TorchCoding.Decode(model.Codec, file.Latents, 16, 20, theirs.AddRange);
        Assert.Equal(theirs.Count, own.Count);
        // Below the first table entry a scale decides nothing.
        double farthest = own.Zip(theirs).Where(each => each.Second > GaussianConditional.MinimalScale)
            .Max(each => Math.Abs(each.First - each.Second) / each.Second);
        Assert.InRange(farthest, 0, MlicModel.BoundaryEpsilon / 3);
    }

    private static MlicOptions Options(string name)
    {
        if (name == "compact") return MlicOptions.Compact;
        MlicOptions published = name switch
        {
            "mlic" => MlicOptions.Mlic,
            "mlic+" => MlicOptions.MlicPlus,
            "mlic++" => MlicOptions.MlicPlusPlus,
            _ => MlicOptions.MlicPlusPlus2023,
        };
        return published with { TransformWidths = [16, 16, 16], HyperWidth = 16, LatentWidth = 64, Slices = 2 };
    }

    private static ConditionalDenoiser Create(string name) => name switch
    {
        "nafnet" => new ConditionalNafNet(ConditionalNafNetOptions.Compact with
        {
            Width = 16,
            EncoderBlocks = [1, 1],
            DecoderBlocks = [1, 1],
            MiddleBlocks = 1,
            DegradationWidth = 6,
            ContentWidth = 5,
        }),
        "residual unet" => new ResidualUNet(ResidualUNetOptions.Compact with { Widths = [16, 24, 32] }),
        _ => new ConditionalUNet(new ConditionalUNetOptions
        {
            Width = 32,
            Multipliers = [1, 2],
            FirstTransformerLevel = 1,
            DegradationWidth = name == "unet" ? 6 : 0,
            ContentWidth = 5,
            HalfSize = name != "unet",
        }),
    };
}
