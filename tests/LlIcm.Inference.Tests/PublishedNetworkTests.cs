using LlIcm.Codecs.CompressAi;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Onnx;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Vision;

namespace LlIcm.Inference.Tests;

/// <summary>
/// Networks of the published sizes with random weights, in a process that has no libtorch: this project does not reference it, and the
/// process's memory is looked through for it.
/// </summary>
public sealed class PublishedNetworkTests
{
    [Fact]
    public void MlicPlusPlusDecodesWhatItEncoded()
    {
        using var scope = new TensorScope();
        HostEngine.Seed(1);
        using var model = new MlicModel(MlicOptions.MlicPlusPlus);
        model.UpdateTables();
        using var coder = new MlicCoder(model);
        Tensor latents = coder.Analyse(Tensor.Rand(1, 3, 64, 128)) * 100;
        var symbols = new List<int>();
        LatentSegment segment = coder.Encode(latents, MlicModel.BoundaryEpsilon, true, (coded, _) => symbols.AddRange(coded));
        Assert.Contains(symbols, symbol => symbol != 0);
        var decoded = new List<int>();
        Tensor back = coder.Decode(segment, 4, 8, true, null, decoded.AddRange);
        Assert.Equal(symbols, decoded);
        Assert.Equal([1, 3, 64, 128], coder.Synthesise(back, 0).Shape.ToArray());
        AssertNoLibtorch();
    }

    [Theory]
    [InlineData(CompressAiArchitecture.FactorizedPrior, 192, 320)]
    [InlineData(CompressAiArchitecture.ScaleHyperprior, 192, 320)]
    [InlineData(CompressAiArchitecture.MeanScaleHyperprior, 192, 320)]
    [InlineData(CompressAiArchitecture.JointAutoregressive, 192, 320)]
    [InlineData(CompressAiArchitecture.Cheng2020Anchor, 192, 192)]
    [InlineData(CompressAiArchitecture.Cheng2020Attention, 192, 192)]
    public void ACompressAiCodecDecodesItsOwnStreams(CompressAiArchitecture architecture, int width, int latents)
    {
        using var scope = new TensorScope();
        HostEngine.Seed(2);
        using var codec = new CompressAiCodec(new CompressAiOptions(architecture, width, latents));
        codec.UpdateTables();
        Tensor picture = Tensor.Rand(1, 3, 64, 64);
        CompressAiStreams streams = codec.Encode(picture);
        Tensor decoded = codec.Decode(streams, 64, 64);
        Assert.Equal([1, 3, 64, 64], decoded.Shape.ToArray());
        Assert.All(decoded.ToArray<float>(), value => Assert.InRange(value, 0, 1));
        AssertNoLibtorch();
    }

    [Fact]
    public void DaClipEmbedsAPictureAndTheWords()
    {
        using var scope = new TensorScope();
        HostEngine.Seed(3);
        DaClipModel made;
        using (Initialization.Skip()) made = new DaClipModel(ClipOptions.VitB32);
        using DaClipModel vision = made;
        foreach (Tensor parameter in vision.Parameters()) parameter.UniformInPlace(-0.05, 0.05);
        using OnnxProgram encoder = OnnxProgram.Record("DA-CLIP", [new GraphInput([1, 3, 224, 224])], picture =>
        {
            (Tensor content, Tensor degradation) = vision.EncodeImage(picture[0]);
            return [content, degradation];
        });
        Tensor[] features = encoder.Run([Tensor.Randn(1, 3, 224, 224)]);
        Assert.All(features, each => Assert.Equal([1, 512], each.Shape.ToArray()));
        AssertFinite(features[0]);
        AssertFinite(features[1]);
        Tensor words = ClipTexts.Encode(vision.Clip, DegradationRecognizer.PublishedTokens(vision.Options));
        Assert.Equal([10, 512], words.Shape.ToArray());
        AssertFinite(words);
        AssertNoLibtorch();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ARestorersStepKeepsThePicturesSize(bool unet)
    {
        using var scope = new TensorScope();
        HostEngine.Seed(4);
        using ConditionalDenoiser network = unet
            ? new ConditionalUNet(ConditionalUNetOptions.Universal) : new ConditionalNafNet(ConditionalNafNetOptions.Refusion);
        using var recorded = new RecordedDenoiser(network);
        DenoiserContext context = recorded.Prepare(
            network.DegradationWidth > 0 ? Tensor.Randn(1, network.DegradationWidth) : null,
            network.ContentWidth > 0 ? Tensor.Randn(1, network.ContentWidth) : null);
        Tensor picture = Tensor.Rand(1, 3, 50, 70);
        Tensor noise = recorded.Forward(picture, picture, Tensor.From<float>([37], [1]), context);
        Assert.Equal([1, 3, 50, 70], noise.Shape.ToArray());
        AssertFinite(noise);
        AssertNoLibtorch();
    }

    [Fact]
    public void WeightsOfAFileAreUsedWhereTheyLie()
    {
        string folder = Directory.CreateTempSubdirectory("llicm-stored-").FullName;
        try
        {
            using var scope = new TensorScope();
            HostEngine.Seed(5);
            using var model = new MlicModel(MlicOptions.Compact);
            model.UpdateTables();
            LlIcmModel.SaveCodec(model, Path.Combine(folder, "codec.safetensors"), ScalarType.Float);
            using LlIcmModel stored = LlIcmModel.Load(folder);
            Assert.Contains(stored.Codec.NamedParameters(), each => each.Tensor.IsStored);
            using var coder = new MlicCoder(model);
            Tensor picture = Tensor.Rand(1, 3, 64, 64);
            float[] expected = coder.Analyse(picture).ToArray<float>(), actual = stored.Coder.Analyse(picture).ToArray<float>();
            Assert.Equal(expected, actual);
            // A change concerns the tensor alone.
            Tensor parameter = stored.Codec.Parameters().First(each => each.IsStored);
            parameter.FillInPlace(3);
            Assert.All(parameter.ToArray<float>(), value => Assert.Equal(3, value));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void AHundredSizesShareTheCodecsSessions()
    {
        using LlIcmModel model = LlIcmModel.Load();
        var codec = new PictureCodec(model);
        codec.Decompress(codec.Compress(new Imaging.Picture(1, 1, new byte[3])));
        int before = OnnxProgram.SessionsCreated;
        for (int i = 1; i <= 100; i += 11)
        {
            var picture = new Imaging.Picture(i, 2 * i, new byte[6 * i * i]);
            Imaging.Picture decoded = codec.Decompress(LlicFile.Read(codec.Compress(picture).ToArray()));
            Assert.Equal((i, 2 * i), (decoded.Width, decoded.Height));
        }
        Assert.Equal(before, OnnxProgram.SessionsCreated);
    }

    [Fact]
    public void ThreadsShareAModel()
    {
        using LlIcmModel model = LlIcmModel.Load();
        var codec = new PictureCodec(model);
        byte[] rgb = new byte[3 * 100 * 80];
        new Random(1).NextBytes(rgb);
        var picture = new Imaging.Picture(100, 80, rgb);
        byte[] expected = codec.Compress(picture).ToArray();
        Parallel.For(0, 6, _ =>
        {
            byte[] file = codec.Compress(picture).ToArray();
            Assert.Equal(expected, file);
            Assert.Equal(100, codec.Decompress(LlicFile.Read(file)).Width);
        });
    }

    private static void AssertFinite(Tensor tensor) => Assert.All(tensor.ToArray<float>(), value => Assert.True(float.IsFinite(value)));

    private static void AssertNoLibtorch()
    {
        string maps = File.ReadAllText("/proc/self/maps");
        Assert.Contains("libonnxruntime", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("libtorch", maps, StringComparison.Ordinal);
        Assert.DoesNotContain("libllicm_torch", maps, StringComparison.Ordinal);
    }
}
