using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Quality;

/// <summary>
/// Q-Align, a no-reference metric: a vision–language model is asked to rate a picture, and the probabilities of the
/// words excellent, good, fair, poor and bad make the score (Wu et al., ICML 2024; github.com/Q-Future/Q-Align). The
/// model is mPLUG-Owl2: a ViT-L/14 at 448 pixels, a visual abstractor, and a modality-adaptive LLaMA-2 7B.
/// </summary>
/// <remarks>
/// The published weights take 16.4 GB. Unless they are asked to stay, each layer's are copied from the mapped shards
/// when their turn comes, so that the process itself needs less than 2 GB at any precision (the rest is the system's
/// file cache, which is let go of right after); several pictures at a time share that work.
/// </remarks>
public sealed class QAlign : IDisposable
{
    private const int LevelCount = 5;
    private const string TokenizerFile = "tokenizer.model";

    private readonly QAlignWeights _weights;
    private readonly QAlignVision _vision;
    private readonly QAlignAbstractor _abstractor;
    private readonly QAlignLanguage _language;
    private readonly SentencePieceTokenizer? _tokenizer;

    private QAlign(QAlignWeights weights, QAlignOptions options, SentencePieceTokenizer? tokenizer)
    {
        (_weights, _tokenizer) = (weights, tokenizer);
        _vision = new QAlignVision(weights, options);
        _abstractor = new QAlignAbstractor(weights, options);
        _language = new QAlignLanguage(weights, options);
    }

    /// <summary>Side in pixels of the square that a picture is resized to: 448 for the published model.</summary>
    public int ImageSide => _vision.ImageSide;

    /// <summary>Tells a test what happens inside.</summary>
    internal Action<string, Tensor>? Probe
    {
        set => _vision.Probe = _abstractor.Probe = _language.Probe = value;
    }

    /// <summary>Opens a published checkpoint.</summary>
    /// <param name="path">
    /// The folder of the shards with their index (safetensors or <c>.bin</c>), the index, or a single file. A
    /// <c>tokenizer.model</c> beside it is used; without one the tokens that the published one makes of the questions are.
    /// </param>
    /// <param name="device">Where to compute; null for the CPU.</param>
    /// <param name="type">
    /// In which precision; null for single precision on a CPU and half precision (as the reference) on a GPU. On a CPU,
    /// bfloat16 is the faster choice where the processor knows it, half precision needs libtorch 2. Half precision
    /// moves the 1–5 score by less than 0.02.
    /// </param>
    /// <param name="resident">Whether the weights stay on the device: 16.4 GB in half precision.</param>
    /// <param name="options">What the weights do not tell; null for the published model's.</param>
    /// <exception cref="IOException">A file cannot be opened.</exception>
    /// <exception cref="WeightFormatException">A file is damaged or of no known format.</exception>
    /// <exception cref="QualityException">
    /// The weights are those of another model, or libtorch cannot compute with the precision.
    /// </exception>
    public static QAlign Load(
        string path, Device? device = null, ScalarType? type = null, bool resident = false,
        QAlignOptions? options = null)
    {
        Device target = device ?? Device.Cpu;
        bool host = TensorEngine.Current is HostEngine;
        ScalarType precision = type ?? (target.IsCpu ? ScalarType.Float : ScalarType.Half);
        if (precision != ScalarType.Float && (host || (precision == ScalarType.Half && target.IsCpu)))
            throw new QualityException($"Q-Align computes in single precision here, not in {precision}");
        var weights = new QAlignWeights(WeightFile.Open(path), target, precision, resident);
        try
        {
            string? folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path));
            string vocabulary = Path.Combine(folder ?? "", TokenizerFile);
            return new QAlign(
                weights, options ?? new QAlignOptions(),
                File.Exists(vocabulary) ? SentencePieceTokenizer.Load(vocabulary) : null);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Rates a picture.</summary>
    public QAlignResult Score(Picture picture, QAlignTask task = QAlignTask.Quality) => Score([picture], task)[0];

    /// <summary>
    /// Rates pictures together: on a CPU, where reading the weights takes its time, much faster than singly.
    /// </summary>
    /// <param name="pictures">The pictures.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    public IReadOnlyList<QAlignResult> Score(
        IReadOnlyList<Picture> pictures, QAlignTask task = QAlignTask.Quality, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0) return [];
        Report(progress);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor images = Tensor.Stack(0, [.. pictures.Select(each => QAlignPreprocessing.Prepare(each, ImageSide))]);
        return Results(LevelLogits(
            images, 1, _tokenizer is null ? QAlignPrompt.Of(task) : QAlignPrompt.Of(task, _tokenizer)));
    }

    /// <summary>Rates a video by some of its frames.</summary>
    /// <exception cref="QualityException">There is no frame.</exception>
    public QAlignResult ScoreVideo(IReadOnlyList<Picture> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0) throw new QualityException("Q-Align takes at least one frame");
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor images = Tensor.Stack(0, [.. frames.Select(each => QAlignPreprocessing.Prepare(each, ImageSide))]);
        return Results(LevelLogits(
            images, frames.Count, _tokenizer is null ? QAlignPrompt.Video : QAlignPrompt.OfVideo(_tokenizer)))[0];
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();

    /// <summary>The logits [B, 5] of the answers.</summary>
    /// <param name="images">[B · frames, 3, S, S], preprocessed.</param>
    /// <param name="frames">Consecutive pictures that are shown together.</param>
    /// <param name="prompt">The question.</param>
    internal Tensor LevelLogits(Tensor images, int frames, QAlignPrompt prompt)
    {
        using var scope = new TensorScope();
        return scope.Keep(_language.Logits(State(images, frames, prompt), prompt.Levels).To(ScalarType.Double));
    }

    /// <summary>The logits [B, V] of whatever might come next; without pictures [1, V].</summary>
    internal Tensor AllLogits(Tensor? images, int frames, QAlignPrompt prompt)
    {
        using var scope = new TensorScope();
        return scope.Keep(_language.Logits(State(images, frames, prompt), []));
    }

    internal static IReadOnlyList<QAlignResult> Results(Tensor logits)
    {
        double[] probabilities = logits.Softmax(-1).To(Device.Cpu).ToArray<double>();
        return [.. probabilities.Chunk(LevelCount).Select(levels =>
            new QAlignResult(levels.Index().Sum(each => (LevelCount - each.Index) * each.Item), levels))];
    }

    private void Report(IProgress<double>? progress)
    {
        double all = _vision.Layers + _abstractor.Layers + _language.Layers;
        int done = 0;
        Action? step = progress is null ? null : () => progress.Report(++done / all);
        _vision.LayerDone = _abstractor.LayerDone = _language.LayerDone = step;
    }

    private Tensor State(Tensor? images, int frames, QAlignPrompt prompt)
    {
        int slot = Array.IndexOf(prompt.Tokens, QAlignPrompt.ImageSlot);
        if (images is null || slot < 0) return _language.Forward(_language.Embed(prompt.Tokens), 0, 0);
        Tensor seen = _abstractor.Forward(_vision.Forward(images.To(_weights.Device, _weights.Type)));
        seen = seen.Reshape(seen.Size(0) / frames, seen.Size(1) * frames, seen.Size(2));
        Tensor before = _language.Embed(prompt.Tokens.AsSpan(0, slot)).Expand(seen.Size(0), -1, -1);
        Tensor after = _language.Embed(prompt.Tokens.AsSpan(slot + 1)).Expand(seen.Size(0), -1, -1);
        Tensor embeddings = Tensor.Cat(1, before, seen, after);
        _language.Probe?.Invoke("inputs_embeds", embeddings);
        return _language.Forward(embeddings, slot, seen.Size(1));
    }
}
