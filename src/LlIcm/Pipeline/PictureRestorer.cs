using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Vision;

namespace LlIcm;

/// <summary>
/// Restores decoded (or any) pictures: DA-CLIP looks at the picture, names its degradation and guides the reverse diffusion whose
/// mean is the picture.
/// </summary>
public sealed class PictureRestorer
{
    // A network that predicts the clean picture: two evaluations measured better than one on rain and noise
    // (models/compact/MODEL_CARD.md). One that predicts the noise is sampled as published unless asked otherwise: the posterior of
    // all its steps. For the fast solvers ten are what their authors take.
    private const int CleanSteps = 2, FastSteps = 10;

    // Below this probability of its likeliest word a recogniser that knows "clean" is unsure. The wrong restoration costs more than none: at 0.5 the
    // compact one still takes weak noise for blur and low light (models/compact/MODEL_CARD.md).
    private const double Sure = 0.8;

    // What is painted white is taken for a hole if so large a share of the picture is.
    private const double PaintedShare = 0.002;

    private readonly LlIcmModel _model;
    private readonly Lazy<ClipPreprocessing> _preprocessing;

    /// <summary>A restorer with a model's weights.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public PictureRestorer(LlIcmModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        // A model with its own recogniser may never need its DA-CLIP.
        _preprocessing = new(() => new ClipPreprocessing(model.Vision.Options.ImageSize));
    }

    /// <summary>
    /// What may be wrong with a picture, with probabilities, most probable first: clean among them, where the model has its own recogniser.
    /// </summary>
    public IReadOnlyList<(Degradation Degradation, double Probability)> Recognise(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (_model.Classifier is { } classifier) return classifier.Recognise(picture);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        return _model.Recognizer.Recognize(Look(picture).Degradation);
    }

    /// <summary>Restores a picture; alpha and metadata are passed on.</summary>
    /// <param name="picture">8-bit sRGB.</param>
    /// <param name="options">Degradation, steps, seed.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Takes effect within half a second.</param>
    /// <exception cref="ArgumentException">
    /// The mask has another size than the picture, or steps or a sampler are asked of a model that restores in one evaluation.
    /// </exception>
    /// <exception cref="ModelException">The weights are missing, unusable, or don't fit each other.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RestorationResult Restore(
        Picture picture, RestoreOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        options ??= new RestoreOptions();
        options.Validate();
        bool[]? holes = HolesOf(picture, options);
        ConditionalDenoiser network = RequireFitting();
        var direct = network as TaskUNet;
        if (holes is not null && direct is null) picture = HoleMask.PaintWhite(picture, holes);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        (Tensor Content, Tensor Degradation)? seen = direct is null || _model.Classifier is null ? Look(picture) : null;
        IReadOnlyList<(Degradation Degradation, double Probability)> words = _model.Classifier?.Recognise(picture) ?? _model.Recognizer.Recognize(seen!.Value.Degradation);
        (Degradation? wanted, holes) = Decide(picture, options, holes, words);
        if (wanted is not { } degradation) return new RestorationResult(picture, null, words, 0);
        // It was made for holes painted white before coding, and does worse than the fill by itself.
        if (holes is not null && network is ResidualUNet)
            return new RestorationResult(HoleMask.Fill(picture, holes), degradation, words, 0);

        if (holes is not null && direct is not null && !options.HolesAreFilled) picture = HoleMask.Fill(picture, holes);
        (Picture restored, int steps) = direct is not null
            ? (Evaluate(direct, picture, holes, degradation, options, progress, cancellation), 1)
            : Sample(network, picture, seen!.Value.Content, Guidance(seen.Value.Degradation), options, progress, cancellation);
        if (holes is not null) KeepKnown(restored, picture, holes);
        var result = new Picture(restored.Width, restored.Height, restored.Rgb, picture.Alpha) { Exif = picture.Exif, Xmp = picture.Xmp };
        return new RestorationResult(result, degradation, words, steps);

        Tensor Guidance(Tensor embedding)
        {
            if (!options.Guided) return embedding.ZerosLike();
            return options.Degradation is null && holes is null ? embedding : EmbeddingOf(degradation, embedding);
        }
    }

    /// <summary>Decodes a file and restores its picture: where the options are silent, the file's own degradation and mask hold.</summary>
    /// <param name="file">A file made with this model.</param>
    /// <param name="options">Degradation, steps, seed.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Takes effect within half a second.</param>
    /// <exception cref="ArgumentException">As for pictures.</exception>
    /// <exception cref="ModelException">The file was made with another model, or weights are missing or unusable.</exception>
    /// <exception cref="LlicFormatException">The file is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RestorationResult Restore(
        LlicFile file, RestoreOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        options = (options ?? new RestoreOptions()).Completed(file);
        Picture decoded = new PictureCodec(_model).Decompress(file, null, cancellation);
        return Restore(decoded, options, progress, cancellation);
    }

    /// <summary>As <see cref="Restore(Picture, RestoreOptions?, IProgress{double}?, CancellationToken)"/>, on a thread of the pool.</summary>
    public Task<RestorationResult> RestoreAsync(
        Picture picture, RestoreOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Task.Run(() => Restore(picture, options, progress, cancellation), cancellation);

    /// <summary>As <see cref="Restore(LlicFile, RestoreOptions?, IProgress{double}?, CancellationToken)"/>, on a thread of the pool.</summary>
    public Task<RestorationResult> RestoreAsync(
        LlicFile file, RestoreOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Task.Run(() => Restore(file, options, progress, cancellation), cancellation);

    // What is told, then what is missing, then what is recognised; null: nothing is to be done.
    private (Degradation? Wanted, bool[]? Holes) Decide(
        Picture picture, RestoreOptions options, bool[]? holes, IReadOnlyList<(Degradation Degradation, double Probability)> words)
    {
        if (options.Degradation is not null || holes is not null) return (options.Degradation ?? Degradation.Uncompleted, holes);
        (Degradation likeliest, double probability) = words[0];
        if (_model.Classifier is null) return (likeliest, null);
        if (probability < Sure || likeliest == Degradation.Clean) return (null, null);
        if (likeliest != Degradation.Uncompleted) return (likeliest, null);
        // Without a mask only what is painted can be known to be missing.
        return Enough(HoleMask.Painted(picture)) is { } painted ? (likeliest, painted) : (null, null);
    }

    // A network that is told the task in a word and needs one evaluation.
    private Picture Evaluate(
        TaskUNet network, Picture picture, bool[]? holes, Degradation degradation, RestoreOptions options, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        if (options.Sampler is not null || options.Steps is > 1)
            throw new ArgumentException($"model '{_model.Name}' restores in one evaluation: it takes neither a sampler nor steps");
        float[] tasks = new float[network.Options.Tasks];
        if (options.Guided) tasks[(int)degradation] = 1;
        return _model.TaskRestorer.Restore(picture, holes, tasks, null, share => progress?.Report(share), cancellation);
    }

    private (Picture Restored, int Steps) Sample(
        ConditionalDenoiser network, Picture picture, Tensor content, Tensor degradation, RestoreOptions options, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        bool clean = network.Target == PredictionTarget.Clean;
        SamplerKind sampler = options.Sampler ?? (clean ? SamplerKind.Mars : SamplerKind.Posterior);
        bool fast = sampler is SamplerKind.Mars or SamplerKind.MarsSde;
        int steps = options.Steps ?? (clean ? CleanSteps : fast ? FastSteps : _model.Process.Steps);
        Tensor restored = new SdeRestorer(_model.Denoiser, _model.Process).Restore(
            PictureTensor.From(picture), degradation, content,
            new SdeRestorerOptions { Sampler = new SamplerOptions { Kind = sampler, Steps = steps }, Seed = options.Seed },
            step => progress?.Report((double)step.Done / step.Total), cancellation);
        return (PictureTensor.ToPicture(restored), steps);
    }

    // A folder can hold parts that were not made for each other.
    private ConditionalDenoiser RequireFitting()
    {
        ConditionalDenoiser network = _model.Restorer;
        // It takes the words' probabilities.
        if (network is TaskUNet) return network;
        int width = _model.Vision.Options.EmbedDim;
        foreach (int wanted in (int[])[network.DegradationWidth, network.ContentWidth])
        {
            if (wanted != 0 && wanted != width)
                throw new ModelException(
                    $"model '{_model.Name}': its restorer wants embeddings of {wanted} numbers, its DA-CLIP makes {width}");
        }
        return network;
    }

    private (Tensor Content, Tensor Degradation) Look(Picture picture)
    {
        int side = _preprocessing.Value.Size;
        float[] values = _preprocessing.Value.Prepare(picture.Rgb.AsSpan(), picture.Width, picture.Height);
        Tensor[] encoded = _model.ImageEncoder.Run([Tensor.From<float>(values, [1, 3, side, side])]);
        return (encoded[0], encoded[1]);
    }

    // A word's embedding in the length that pictures' embeddings have.
    private Tensor EmbeddingOf(Degradation degradation, Tensor like) =>
        _model.WordEmbeddings.Narrow(0, (int)degradation, 1).NormalizeL2() * like.Norm(2, [1], keep: true);

    // Who says that a picture has holes, and not where, means what is white; and coding leaves white nearly so.
    private static bool[]? HolesOf(Picture picture, RestoreOptions options) =>
        options.Mask is { } mask ? HoleMask.Read(mask, picture.Width, picture.Height)
            : options.FindPaintedHoles ? HoleMask.Painted(picture)
            : options.Degradation is Degradation.Uncompleted ? (Enough(HoleMask.Painted(picture)) ?? HoleMask.PaintedAndCoded(picture)) : null;

    private static bool[]? Enough(bool[]? holes) => holes is not null && holes.Count(each => each) >= PaintedShare * holes.Length ? holes : null;

    private static void KeepKnown(Picture restored, Picture known, bool[] holes)
    {
        for (int i = 0; i < holes.Length; i++)
            if (!holes[i]) known.Rgb.AsSpan(3 * i, 3).CopyTo(restored.Rgb.AsSpan(3 * i, 3));
    }
}
