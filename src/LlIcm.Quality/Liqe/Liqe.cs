using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
using LlIcm.Vision;

namespace LlIcm.Quality;

/// <summary>
/// LIQE, a no-reference metric: a CLIP tuned so that pictures resemble texts about their scene, distortion and quality
/// (Zhang et al.: Blind Image Quality Assessment via Vision-Language Correspondence, CVPR 2023;
/// github.com/zwx8981/LIQE).
/// </summary>
/// <remarks>Memory: the weights (600 MB in single precision for the published ViT-B/32) and some 100 MB.</remarks>
public sealed class Liqe : IDisposable
{
    // Patches that one run embeds; the last run is filled up.
    private const int PatchesAtATime = 5;

    private readonly ClipModel _clip;
    private readonly LiqePrompts _prompts;
    private readonly Tensor _texts;
    private readonly double _scale;
    private readonly OnnxProgram _encoder;

    /// <summary>Takes over a CLIP and embeds the texts.</summary>
    /// <param name="clip">A CLIP with both towers, OpenAI's activation and vocabulary.</param>
    /// <param name="prompts">The texts that the weights were tuned for.</param>
    public Liqe(ClipModel clip, LiqePrompts prompts = LiqePrompts.All)
    {
        ArgumentNullException.ThrowIfNull(clip);
        (_clip, _prompts) = (clip, prompts);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        _texts = Normalise(ClipTexts.Encode(clip, LiqeTexts.Tokens(prompts, clip.Options.ContextLength))).Unscoped();
        _scale = Math.Exp(clip.LogitScale.Item());
        _encoder = OnnxProgram.Record(
            "LIQE", [new GraphInput([PatchesAtATime, 3, PatchSide, PatchSide])], patches => [clip.EncodeImage(patches[0])]);
    }

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSide => _clip.Options.ImageSize;

    /// <summary>The normalised text embeddings [texts, E].</summary>
    internal Tensor TextFeatures => _texts;

    /// <summary>
    /// Reads published weights: LIQE.pt (a CLIP state dict), a training checkpoint around one
    /// (<c>model_state_dict</c>), or IQA-PyTorch's (<c>params.clip_model</c>).
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">The file is damaged, or holds no CLIP.</exception>
    public static Liqe Load(string path, LiqePrompts prompts = LiqePrompts.All)
    {
        using WeightFile file = WeightFile.Open(path);
        const string Landmark = "visual.conv1.weight";
        string prefix = file.Tensors.Keys.FirstOrDefault(name => name.EndsWith(Landmark, StringComparison.Ordinal))
            is { } found ? found[..^Landmark.Length] : "";
        StoredTensor? Find(string name) => file.Tensors.GetValueOrDefault(prefix + name);
        try
        {
            var options = ClipOptions.FromShapes(name => Find(name)?.Shape, quickGelu: true);
            if (!options.HasText) throw new WeightFormatException("the text tower is missing");
            using IDisposable skip = Initialization.Skip();
            var clip = new ClipModel(options);
            clip.LoadState(name => Find(name)?.ToTensor());
            return new Liqe(clip, prompts);
        }
        catch (Exception error) when (error is TensorException or WeightFormatException)
        {
            throw new WeightFormatException($"{path}: no LIQE weights: {error.Message}", error);
        }
    }

    /// <summary>Judges a picture.</summary>
    /// <exception cref="QualityException">The picture is smaller than a patch.</exception>
    public LiqeResult Score(Picture picture, LiqeVariant variant = LiqeVariant.Demo)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        double[] joint = Logits(picture, variant).To(ScalarType.Double).Softmax(0).ToArray<double>();
        int perQuality = joint.Length / LiqeTexts.Qualities.Count;
        double[] quality = Marginal(LiqeTexts.Qualities.Count, i => i / perQuality);
        double[] scene = [], distortion = [];
        if (_prompts == LiqePrompts.All)
        {
            int distortions = LiqeTexts.Distortions.Count, scenes = LiqeTexts.Scenes.Count;
            scene = Marginal(scenes, i => i / distortions % scenes);
            distortion = Marginal(distortions, i => i % distortions);
        }
        return new LiqeResult(quality.Index().Sum(each => (each.Index + 1) * each.Item), quality, scene, distortion);

        double[] Marginal(int count, Func<int, int> group)
        {
            var sums = new double[count];
            for (int i = 0; i < joint.Length; i++) sums[group(i)] += joint[i];
            return sums;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _texts.Dispose();
        _clip.Dispose();
    }

    /// <summary>The mean over the patches of their logits [texts], before the softmax.</summary>
    internal Tensor Logits(Picture picture, LiqeVariant variant)
    {
        LiqePatches patches = LiqePatches.Of(picture, variant, PatchSide);
        // Equal patches are embedded once; taken fifteen times, one is its own mean.
        int[] selected = [.. patches.Selected.Distinct()];
        Tensor features = Normalise(Embed(Cut(patches, selected)));
        return (features.Matmul(_texts.Transpose(0, 1)) * _scale).Mean([0]);
    }

    /// <summary>The embedding [1, E], not normalised, of the top-left patch.</summary>
    internal Tensor FirstFeature(Picture picture) =>
        Embed(Cut(LiqePatches.Of(picture, LiqeVariant.PyIqa, PatchSide), [0]));

    private Tensor Embed(Tensor patches)
    {
        var parts = new List<Tensor>();
        for (long start = 0; start < patches.Size(0); start += PatchesAtATime)
        {
            long count = Math.Min(PatchesAtATime, patches.Size(0) - start);
            Tensor some = patches.Narrow(0, start, count);
            Tensor filled = Tensor.Cat(0, [some, .. Enumerable.Repeat(some.Narrow(0, 0, 1), (int)(PatchesAtATime - count))]);
            parts.Add(_encoder.Run([filled])[0].Narrow(0, 0, count));
        }
        return Tensor.Cat(0, [.. parts]);
    }

    private static Tensor Normalise(Tensor features) => features / features.Norm(2, [-1], keep: true);

    // [selected, 3, side, side], normalised as CLIP wants it.
    private Tensor Cut(LiqePatches patches, int[] selected)
    {
        Picture picture = patches.Picture;
        Tensor mean = Tensor.From(ClipPreprocessing.Mean, [3, 1, 1]);
        Tensor deviation = Tensor.From(ClipPreprocessing.StandardDeviation, [3, 1, 1]);
        Tensor planes = Tensor.FromBytes(picture.Rgb, ScalarType.Byte, [picture.Height, picture.Width, 3])
            .Permute(2, 0, 1).To(ScalarType.Float).Contiguous();
        planes = (planes / 255 - mean) / deviation;
        return Tensor.Stack(0, [.. selected.Select(index => planes
            .Narrow(1, index / patches.GridColumns * patches.Stride, PatchSide)
            .Narrow(2, index % patches.GridColumns * patches.Stride, PatchSide))]);
    }
}
