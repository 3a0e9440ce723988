using LlIcm.EntropyCoding;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// A codec of the MLIC family. State-dict names are those of the published MLIC++ code; tensors are pictures [B, 3, H, W] in
/// [0, 1] whose sides are multiples of <see cref="Stride"/>.
/// </summary>
public sealed class MlicModel : Module
{
    /// <summary>Sides must be multiples of this.</summary>
    public const int Stride = 64;

    /// <summary>
    /// Scales closer than this (relative) to a table boundary are listed in the file. Ten times the largest difference seen
    /// between memory layouts and thread counts in single precision.
    /// </summary>
    public const double BoundaryEpsilon = 3e-5;

    private readonly ContextModel _contexts;

    /// <summary>Builds a codec with PyTorch's default initialisation.</summary>
    public MlicModel(MlicOptions options)
    {
        Options = options;
        Prior = Child("entropy_bottleneck", new EntropyBottleneck(options.HyperWidth));
        Analysis = Child("g_a", new AnalysisTransform(options));
        Synthesis = Child("g_s", new SynthesisTransform(options));
        HyperAnalysis = Child("h_a", new HyperAnalysis(options));
        HyperSynthesis = Child("h_s", new HyperSynthesis(options));
        Conditional = Child("gaussian_conditional", new GaussianConditional());
        _contexts = new ContextModel(options, (name, module) => Child(name, module));
        if (options.GainLambdas.Count > 0) Gains = Child("gain", new GainUnit(options.LatentWidth, options.GainLambdas));
    }

    /// <summary>Sizes and parts.</summary>
    public MlicOptions Options { get; }

    /// <summary>The distribution of the hyper latents.</summary>
    public EntropyBottleneck Prior { get; }

    /// <summary>The distribution of the latents.</summary>
    public GaussianConditional Conditional { get; }

    /// <summary>g_a.</summary>
    public AnalysisTransform Analysis { get; }

    /// <summary>g_s.</summary>
    public SynthesisTransform Synthesis { get; }

    /// <summary>h_a.</summary>
    public HyperAnalysis HyperAnalysis { get; }

    /// <summary>h_s.</summary>
    public HyperSynthesis HyperSynthesis { get; }

    /// <summary>The gains of a variable-rate model; null for one rate a checkpoint.</summary>
    public GainUnit? Gains { get; }

    /// <summary>Whether the coder's tables are there and need not be computed first.</summary>
    internal bool HasTables => Prior.HasTable && Conditional.HasTable;

    internal ContextModel Contexts => _contexts;

    /// <summary>Codes without writing: rounded values in inference, noise for the rate in training.</summary>
    /// <param name="picture">[B, 3, H, W].</param>
    /// <param name="quality">[B], 1 … <see cref="GainUnit.Levels"/>; of a variable-rate model only.</param>
    /// <param name="noise">
    /// Uniform noise on ±½ of the given tensor's shape, drawn for z (as [N, 1, B·h·w]) and then for each slice; null draws it in
    /// training mode.
    /// </param>
    public MlicOutput Forward(Tensor picture, Tensor? quality = null, Func<Tensor, Tensor>? noise = null) =>
        Forward(picture, quality, noise, mixed: null);

    /// <summary>The same with g_a and g_s in a narrower type, but for the layers next to the picture; the entropy model stays in single
    /// precision.</summary>
    /// <param name="picture">[B, 3, H, W].</param>
    /// <param name="quality">[B], 1 … <see cref="GainUnit.Levels"/>; of a variable-rate model only.</param>
    /// <param name="noise">As for <see cref="Forward(Tensor, Tensor?, Func{Tensor, Tensor}?)"/>.</param>
    /// <param name="type">The narrower type.</param>
    public MlicOutput ForwardMixed(
        Tensor picture, Tensor? quality = null, Func<Tensor, Tensor>? noise = null, ScalarType type = ScalarType.BFloat16) =>
        Forward(picture, quality, noise, type);

    private MlicOutput Forward(Tensor picture, Tensor? quality, Func<Tensor, Tensor>? noise, ScalarType? mixed)
    {
        if (noise is null && Training) noise = like => like.RandLike() - 0.5;
        Tensor y = ApplyGain(mixed is { } narrow ? Analysis.ForwardMixed(picture, narrow) : Analysis.Forward(picture), quality);
        Trace("y", y);
        Tensor z = HyperAnalysis.Forward(y);
        Trace("z", z);
        Tensor medians = Prior.Medians;
        Tensor zHat = TrainingSliceCoder.StraightThroughRound(z - medians) + medians;
        Trace("z_hat", zHat);
        Tensor hyperLikelihoods = Prior.Likelihood(
            noise is null ? (z - medians).Detach().Round() + medians : AddByChannel(z, noise));
        Tensor hyper = HyperSynthesis.Forward(zHat);
        Trace("hyper_params", hyper);
        var coder = new TrainingSliceCoder(y.Chunk(Options.Slices, 1));
        Tensor yHat = _contexts.Walk(hyper, coder)!;
        Trace("y_hat", yHat);
        Tensor likelihoods = coder.Likelihoods(noise, _contexts.Trace);
        Tensor scaled = ApplyInverseGain(yHat, quality);
        Tensor reconstruction = mixed is { } type ? Synthesis.ForwardMixed(scaled, type) : Synthesis.Forward(scaled);
        return new MlicOutput(reconstruction, likelihoods, hyperLikelihoods);
    }

    /// <summary>Computes the coder's tables from the parameters as they are, for a checkpoint.</summary>
    public void UpdateTables()
    {
        Prior.Update();
        Conditional.Update();
    }

    internal void PackTables()
    {
        Prior.PackTable();
        Conditional.PackTable();
    }

    private Tensor ApplyGain(Tensor latents, Tensor? quality) =>
        Gains is null ? latents : latents * Gains.Gain(Quality(quality));

    private Tensor ApplyInverseGain(Tensor latents, Tensor? quality) =>
        Gains is null ? latents : latents * Gains.InverseGain(Quality(quality));

    private static Tensor Quality(Tensor? quality) =>
        quality ?? throw new ArgumentNullException(nameof(quality), "a variable-rate model needs a quality");

    private void Trace(string name, Tensor tensor) => _contexts.Trace?.Invoke(name, tensor);

    // The reference draws the noise of z channel first.
    private static Tensor AddByChannel(Tensor z, Func<Tensor, Tensor> noise)
    {
        (long b, long c, long h, long w) = (z.Size(0), z.Size(1), z.Size(2), z.Size(3));
        Tensor flat = z.Permute(1, 0, 2, 3).Reshape(c, 1, -1);
        return (flat + noise(flat)).Reshape(c, b, h, w).Permute(1, 0, 2, 3);
    }
}
