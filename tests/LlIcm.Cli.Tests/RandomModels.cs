using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Cli.Tests;

/// <summary>
/// Models with random weights: the command line must do its work with any. The looks of the results are other tests' matter.
/// </summary>
public sealed class RandomModels : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("llicm-models-").FullName;

    public RandomModels()
    {
        Folder = Make("tiny", 1);
        Other = Make("other", 2);
        CodecOnly = Path.Combine(_root, "codec-only");
        Directory.CreateDirectory(CodecOnly);
        File.Copy(Path.Combine(Folder, "codec.safetensors"), Path.Combine(CodecOnly, "codec.safetensors"));
        Clean = MakeDirect("clean", 10);
        Unsure = MakeDirect("unsure", -1);
        Broken = Path.Combine(_root, "broken");
        Directory.CreateDirectory(Broken);
        File.WriteAllText(Path.Combine(Broken, "codec.safetensors"), "these are no weights");
    }

    /// <summary>A complete model.</summary>
    public string Folder { get; }

    /// <summary>Another one.</summary>
    public string Other { get; }

    /// <summary>One whose restorer needs one evaluation, with a recogniser of its own that finds nothing wrong with any picture.</summary>
    public string Clean { get; }

    /// <summary>The same with a recogniser that is never sure.</summary>
    public string Unsure { get; }

    /// <summary>The first one's codec without the rest.</summary>
    public string CodecOnly { get; }

    /// <summary>A folder whose weights are none.</summary>
    public string Broken { get; }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string MakeDirect(string name, int word)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach (string part in (string[])["codec.safetensors", "daclip.safetensors"]) File.Copy(Path.Combine(Folder, part), Path.Combine(folder, part));
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using (var restorer = new TaskUNet(new TaskUNetOptions { Widths = [8, 8], Blocks = [1], Dilations = [1] }))
            LlIcmModel.SaveRestorer(restorer, Path.Combine(folder, "restorer.safetensors"));
        var options = new DegradationClassifierOptions { Widths = [4, 4, 4, 4], Hidden = 4 };
        using var classifier = new DegradationClassifier(options);
        foreach ((string parameter, Tensor tensor) in classifier.NamedParameters())
        {
            if (!parameter.StartsWith("words.", StringComparison.Ordinal)) continue;
            tensor.FillInPlace(0);
            if (parameter == "words.bias" && word >= 0) tensor.Narrow(0, word, 1).FillInPlace(20);
        }
        LlIcmModel.SaveRecogniser(classifier, options, Path.Combine(folder, LlIcmModel.RecogniserFile));
        return folder;
    }

    private string Make(string name, ulong seed)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        TorchRuntime.ManualSeed(seed);
        using (var codec = new MlicModel(MlicOptions.Compact))
            LlIcmModel.SaveCodec(codec, Path.Combine(folder, "codec.safetensors"));
        const int width = 16;
        using (var vision = new DaClipModel(new ClipOptions(width, 32, 16, 32, 1, 2, 0, 0, 0, 0, 0)))
            LlIcmModel.SaveVision(vision, Tensor.Randn(10, width), Path.Combine(folder, "daclip.safetensors"));
        var options = new ConditionalNafNetOptions
        {
            Width = 8,
            EncoderBlocks = [1],
            MiddleBlocks = 1,
            DecoderBlocks = [1],
            DegradationWidth = width,
            ContentWidth = width,
            Unshuffle = 2,
            Target = PredictionTarget.Clean,
            ReplicateBorder = true,
        };
        using (var restorer = new ConditionalNafNet(options))
            LlIcmModel.SaveRestorer(restorer, Path.Combine(folder, "restorer.safetensors"));
        return folder;
    }
}
