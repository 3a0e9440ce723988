using LlIcm.Codecs.Mlic;
using LlIcm.Imaging;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Tests.Pipeline;

/// <summary>A whole joint model with small untrained networks, saved and loaded as a preset is.</summary>
public sealed class TinyModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-tiny-").FullName;

    public TinyModel()
        : this(null)
    {
    }

    private TinyModel(int? classifier)
    {
        TorchRuntime.ManualSeed(5);
        using (var codec = new MlicModel(Options))
        {
            HaarInitialization.Apply(codec);
            LlIcmModel.SaveCodec(codec, Path.Combine(_folder, "codec.safetensors"));
        }
        using (var vision = new DaClipModel(new ClipOptions(16, 32, 8, 32, 2, 2, 0, 0, 0, 0, 0)))
        using (Tensor words = Tensor.Randn(10, 16).Unscoped())
            LlIcmModel.SaveVision(vision, words, Path.Combine(_folder, "daclip.safetensors"));
        using (var restorer = new ConditionalNafNet(new ConditionalNafNetOptions
        {
            Width = 8,
            EncoderBlocks = [1],
            MiddleBlocks = 1,
            DecoderBlocks = [1],
            Unshuffle = 2,
            Target = PredictionTarget.Clean,
            ReplicateBorder = true,
            DegradationWidth = 16,
            ContentWidth = 16,
        }))
            LlIcmModel.SaveRestorer(restorer, Path.Combine(_folder, "restorer.safetensors"));
        if (classifier is { } word)
        {
            DegradationClassifierOptions options = new() { Widths = [4, 4, 4, 4], Hidden = 4 };
            using var network = new DegradationClassifier(options);
            using (GradMode.Disable())
            {
                foreach ((string name, Tensor parameter) in network.NamedParameters())
                {
                    if (!name.StartsWith("words.", StringComparison.Ordinal)) continue;
                    parameter.FillInPlace(0);
                    if (name == "words.bias" && word >= 0) parameter.Narrow(0, word, 1).FillInPlace(20);
                }
            }
            LlIcmModel.SaveRecogniser(network, options, Path.Combine(_folder, LlIcmModel.RecogniserFile));
        }
        Model = LlIcmModel.Load(_folder);
    }

    public static MlicOptions Options { get; } = MlicOptions.Compact with
    {
        TransformWidths = [12, 16, 24],
        HyperWidth = 16,
        HyperSynthesisWidths = [16, 24],
        LatentWidth = 64,
        Slices = 2,
        EntropyParameterWidths = [48, 32, 24],
        ChannelContextWidths = [24, 24, 24],
        ResidualPredictionWidths = [24, 16],
    };

    public LlIcmModel Model { get; }

    /// <summary>A model with a recogniser of its own.</summary>
    /// <param name="word">The word that it always names; -1: it is always unsure.</param>
    public static TinyModel Naming(int word) => new(word);

    public string Folder => _folder;

    /// <summary>A picture with structure: gradients, edges and some noise.</summary>
    public static Picture Picture(int width, int height, int seed = 1, bool alpha = false)
    {
        var random = new Random(seed);
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                {
                    double value = 128 + 60 * Math.Sin((x + c * 7) * 0.11) + 50 * Math.Cos(y * 0.07 + c) + ((x / 9 + y / 13) % 2 == 0 ? 20 : -20);
                    rgb[(y * width + x) * 3 + c] = (byte)Math.Clamp(value + random.Next(-8, 9), 0, 255);
                }
        byte[]? plane = alpha ? [.. Enumerable.Range(0, width * height).Select(i => (byte)(i * 7))] : null;
        return new Picture(width, height, rgb, plane);
    }

    public void Dispose()
    {
        Model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
