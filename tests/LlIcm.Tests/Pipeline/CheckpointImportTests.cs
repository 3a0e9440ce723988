using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Torch;
using LlIcm.Vision;
using LlIcm.Zoo;

namespace LlIcm.Tests.Pipeline;

/// <summary>Published checkpoints, small and random, become models that work.</summary>
public sealed class CheckpointImportTests : IDisposable
{
    private const int Embedding = 64;

    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-import-").FullName;

    private string Model => At("model");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CheckpointsBecomeAModelThatRunsTheWholePath(bool old)
    {
        string[] checkpoints = [Codec(old), DaClip(), UNet()];
        IReadOnlyList<ModelPart> parts = CheckpointImport.Import(checkpoints, Model);
        Assert.Equal(checkpoints, parts.Select(part => part.Source));
        Assert.Equal(
            ["codec.safetensors", "daclip.safetensors", "restorer.safetensors"],
            Directory.GetFiles(Model).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(CheckpointImport.MissingFrom(Model));

        using LlIcmModel model = LlIcmModel.Load(Model);
        Assert.Equal(old, model.Codec.Options.OldSynthesis);
        var codec = new PictureCodec(model);
        Picture picture = TinyModel.Picture(70, 50);
        Picture decoded = codec.Decompress(LlicFile.Read(codec.Compress(picture).ToArray()));
        RestorationResult restored = new PictureRestorer(model).Restore(decoded, new RestoreOptions { Steps = 2 });
        Assert.Equal((70, 50), (restored.Picture.Width, restored.Picture.Height));
        Assert.Equal(DegradationNames.All.Count, restored.Recognised.Count);
    }

    [Fact]
    public void AnImportedNetworkKeepsItsWeightsAndThePublishedProcess()
    {
        CheckpointImport.Import([Codec(), DaClip(), UNet()], Model);
        using LlIcmModel model = LlIcmModel.Load(Model);
        Assert.Equal(new IrSdeOptions(), model.Process);
        using var scope = new TensorScope();
        using WeightFile published = WeightFile.Open(At("unet.safetensors"));
        foreach ((string name, Tensor tensor) in model.Restorer.StateDict())
            Assert.Equal(published[name].ToFloatArray(), tensor.ToArray<float>());
    }

    [Fact]
    public void ANetworkThatPredictsNoiseIsSampledAsPublished()
    {
        CheckpointImport.Import([Codec(), DaClip(), UNet()], Model);
        using LlIcmModel model = LlIcmModel.Load(Model);
        Picture picture = TinyModel.Picture(16, 16);
        var restorer = new PictureRestorer(model);
        RestorationResult usual = restorer.Restore(picture);
        Assert.Equal(model.Process.Steps, usual.Steps);
        Assert.Equal(
            restorer.Restore(picture, new RestoreOptions { Sampler = SamplerKind.Posterior, Steps = usual.Steps }).Picture.Rgb,
            usual.Picture.Rgb);
    }

    [Fact]
    public void TheWordsAreEmbeddedByTheCheckpointsTextTower()
    {
        CheckpointImport.Import([Codec(), DaClip()], Model);
        Assert.Equal(["restorer.safetensors"], CheckpointImport.MissingFrom(Model));
        using LlIcmModel model = LlIcmModel.Load(Model);
        Assert.Equal([DegradationNames.All.Count, Embedding], model.WordEmbeddings.Shape.ToArray());
        Assert.False(model.Vision.Options.HasText);
        // Different words, different rows.
        using var scope = new TensorScope();
        float[] rows = model.WordEmbeddings.ToArray<float>();
        Assert.Equal(
            DegradationNames.All.Count, rows.Chunk(Embedding).Select(row => string.Join(' ', row)).Distinct().Count());
    }

    [Fact]
    public void AnotherImportReplacesWhatItBringsAndLeavesTheRest()
    {
        CheckpointImport.Import([Codec()], Model);
        byte[] codec = File.ReadAllBytes(Path.Combine(Model, "codec.safetensors"));
        CheckpointImport.Import([UNet()], Model);
        Assert.Equal(["daclip.safetensors"], CheckpointImport.MissingFrom(Model));
        Assert.Equal(codec, File.ReadAllBytes(Path.Combine(Model, "codec.safetensors")));
    }

    [Fact]
    public void WhatCannotBeUsedIsNamedAndLeavesNothing()
    {
        string codec = Codec();
        Fails($"{At("none.pth")}: there is no such file", At("none.pth"));
        File.WriteAllText(At("text.pth"), "these are no weights at all");
        Fails(At("text.pth"), At("text.pth"));
        Fails("something else", Save("other", [("weight", Tensor.Ones([2]))]));
        Fails("and " + codec + " would both become codec.safetensors", codec, codec);
        Fails("'g_s.synthesis_transform.0.conv1.weight'", Without(codec, "g_s.synthesis_transform.0.conv1.weight"));
        Fails("'downs.0.0.block1.proj.weight'", codec, Without(UNet(), "downs.0.0.block1.proj.weight"));
        Fails("dimensions", Replaced(UNet(), "init_conv.weight", []));
        Fails("text tower", codec, Without(DaClip(), "clip.token_embedding.weight"));
        string clip = Save("clip", [("visual.conv1.weight", Tensor.Ones([4, 3, 2, 2]))]);
        Fails("a CLIP without DA-CLIP's controller", clip);
        Assert.False(Directory.Exists(Model));

        void Fails(string part, params string[] checkpoints)
        {
            ModelException error = Assert.Throws<ModelException>(() => CheckpointImport.Import(checkpoints, Model));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PartsThatDoNotFitEachOtherAreRefusedInOneLine()
    {
        CheckpointImport.Import([Codec(), DaClip(), UNet(embedding: 32)], Model);
        using LlIcmModel model = LlIcmModel.Load(Model);
        ModelException error = Assert.Throws<ModelException>(() => new PictureRestorer(model).Restore(TinyModel.Picture(16, 16)));
        Assert.Contains("embeddings of 32 numbers, its DA-CLIP makes 64", error.Message, StringComparison.Ordinal);
    }

    [FixtureFact("codec", "mlicpp.tiny.safetensors")]
    [Trait("Category", "parity")]
    public void AnImportedCodecComputesTheGoldenLatents()
    {
        CheckpointImport.Import([Fixtures.Path("codec", "mlicpp.tiny.safetensors")!], Model);
        using LlIcmModel model = LlIcmModel.Load(Model);
        using WeightFile golden = WeightFile.Open(Fixtures.Path("codec", "mlicpp.tiny.io.safetensors")!);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor y = model.Coder.Analyse(golden["in0.x"].ToTensor());
        Tensor expected = golden["in0.y"].ToTensor();
        Assert.InRange((y - expected).Abs().Amax([]).Item(), 0, 2e-5 * (1 + expected.Abs().Amax([]).Item()));
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    [Trait("Category", "parity")]
    public void ThePublishedWordsHaveTheGoldenTokens()
    {
        using WeightFile golden = WeightFile.Open(Fixtures.Path("restore", "daclip.tiny.io.safetensors")!);
        StoredTensor expected = golden["degradation_tokens"];
        using Tensor tokens = DegradationRecognizer.PublishedTokens(
            ClipOptions.VitB32 with { ContextLength = (int)expected.Shape[1] });
        Assert.Equal(expected.Shape, tokens.Shape.ToArray());
        Assert.Equal(expected.ToLongArray(), tokens.ToArray<long>());
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string Codec(bool old = false)
    {
        TorchRuntime.ManualSeed(3);
        MlicOptions options = MlicOptions.Family(8, 64, 2) with
        {
            EntropyParameterWidths = [16, 16, 16],
            ChannelContextWidths = [16, 16, 16],
            ResidualPredictionWidths = old ? null : [16, 16],
            OldSynthesis = old,
        };
        using var codec = new MlicModel(options);
        // The spelling of newer CompressAI releases, as data-parallel training leaves it.
        return Save("codec", codec.StateDict().Select(each => ("module." + each.Name
            .Replace("entropy_bottleneck._matrix", "entropy_bottleneck.matrices.", StringComparison.Ordinal)
            .Replace("entropy_bottleneck._bias", "entropy_bottleneck.biases.", StringComparison.Ordinal)
            .Replace("entropy_bottleneck._factor", "entropy_bottleneck.factors.", StringComparison.Ordinal), each.Tensor)));
    }

    private string DaClip()
    {
        TorchRuntime.ManualSeed(4);
        using var vision = new DaClipModel(new ClipOptions(Embedding, 32, 16, 64, 1, 1, 64, 1, 1, 16, 49408));
        return Save("daclip", vision.StateDict());
    }

    private string UNet(int embedding = Embedding)
    {
        TorchRuntime.ManualSeed(5);
        var options = new ConditionalUNetOptions
        {
            Width = 32,
            Multipliers = [1, 2],
            DegradationWidth = embedding,
            ContentWidth = embedding,
            FirstTransformerLevel = 1,
        };
        using var network = new ConditionalUNet(options);
        return Save("unet", network.StateDict());
    }

    private string Without(string path, string name) => Changed(path, name, null);

    private string Replaced(string path, string name, long[] shape) => Changed(path, name, Tensor.Ones(shape));

    private string Changed(string path, string name, Tensor? replacement)
    {
        using var scope = new TensorScope();
        using WeightFile file = WeightFile.Open(path);
        string Plain(string stored) => stored.StartsWith("module.", StringComparison.Ordinal) ? stored["module.".Length..] : stored;
        Assert.Contains(name, file.Tensors.Keys.Select(Plain));
        return Save("changed", [.. file.Tensors
            .Where(each => Plain(each.Key) != name || replacement is not null)
            .Select(each => (each.Key, Plain(each.Key) == name ? replacement! : each.Value.ToTensor()))]);
    }

    private string Save(string name, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        using var scope = new TensorScope();
        string path = At(name + ".safetensors");
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            byte[] bytes = new byte[each.Tensor.ElementCount * Tensor.SizeOf(each.Tensor.Type)];
            each.Tensor.Detach().Contiguous().CopyTo<byte>(bytes);
            return (each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)bytes);
        }));
        return path;
    }
}
