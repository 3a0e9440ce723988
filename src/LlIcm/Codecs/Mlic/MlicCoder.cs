using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Codes pictures with an MLIC model: its networks as recorded graphs for any size, the entropy coder between them. The weights are
/// those that the model has when a graph is first used; several threads may code at the same time.
/// </summary>
public sealed class MlicCoder : IDisposable
{
    private readonly MlicModel _model;
    private readonly Tensor _medians;
    private readonly ScaleIndexer _indexer;
    private readonly Lazy<OnnxProgram> _analysis, _synthesis, _hyperAnalysis, _latents;

    /// <summary>Reads what is small; graphs are recorded when they are first used.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    public MlicCoder(MlicModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        using (var scope = new TensorScope())
        using (GradMode.Disable())
            _medians = model.Prior.Medians.To(Device.Cpu, ScalarType.Float).ToHost().Unscoped();
        _indexer = new ScaleIndexer(model.Conditional.ScaleTable);
        MlicOptions options = model.Options;
        _analysis = Program("g_a", 3, x => [model.Analysis.Forward(x)]);
        _synthesis = Program("g_s", options.LatentWidth, y => [model.Synthesis.Forward(y)]);
        // Whatever leads to a symbol's scale is computed on the processor, wherever the rest is.
        _hyperAnalysis = Program("h_a", options.LatentWidth, y => [(model.HyperAnalysis.Forward(y) - _medians).Round()]);
        _latents = Program(
            "contexts", options.HyperWidth, z => [model.Contexts.Walk(model.HyperSynthesis.Forward(z), new CalledSliceCoder())!], onProcessor: true);
    }

    /// <summary>g_a without the gain: picture [1, 3, H, W] → [1, M, H/16, W/16].</summary>
    /// <param name="picture">RGB in 0 … 1.</param>
    /// <param name="cancellation">Takes effect within the computation.</param>
    public Tensor Analyse(Tensor picture, CancellationToken cancellation = default) => _analysis.Value.Run([picture], cancellation: cancellation)[0];

    /// <summary>The gain of a variable-rate model, as a factor of latents: [1, M, 1, 1]; null for others.</summary>
    /// <param name="quality">1 … <see cref="GainUnit.Levels"/>.</param>
    public Tensor? Gain(double quality) => Factor(quality, inverse: false);

    /// <summary>The inverse gain and g_s: quantised latents ŷ [1, M, h, w] → picture, not clamped.</summary>
    /// <param name="latents">ŷ.</param>
    /// <param name="quality">Of a variable-rate model: 1 … <see cref="GainUnit.Levels"/>.</param>
    /// <param name="cancellation">Takes effect within the computation.</param>
    public Tensor Synthesise(Tensor latents, double quality, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        Tensor scaled = Factor(quality, inverse: true) is { } factor ? latents * factor : latents;
        return scope.Keep(_synthesis.Value.Run([scaled], cancellation: cancellation)[0]);
    }

    /// <summary>Entropy-codes the latents of one picture.</summary>
    /// <param name="latents">y [1, M, h, w], h and w multiples of 4.</param>
    /// <param name="epsilon">Relative distance to a boundary below which a decision is listed; 0 lists nothing.</param>
    /// <param name="cancellation">Takes effect within the computation.</param>
    public LatentSegment Encode(Tensor latents, double epsilon = MlicModel.BoundaryEpsilon, CancellationToken cancellation = default) =>
        Encode(latents, epsilon, true, null, cancellation);

    /// <summary>Decodes the latents of one picture.</summary>
    /// <param name="segment">What <see cref="Encode(Tensor, double, CancellationToken)"/> wrote.</param>
    /// <param name="height">Height of the latents, a multiple of 4.</param>
    /// <param name="width">Width of the latents, a multiple of 4.</param>
    /// <param name="cancellation">Takes effect within the computation.</param>
    /// <returns>ŷ [1, M, h, w].</returns>
    /// <exception cref="EntropyCodingException">The streams are damaged, or were decoded differently than encoded.</exception>
    public Tensor Decode(LatentSegment segment, long height, long width, CancellationToken cancellation = default) =>
        Decode(segment, height, width, true, null, cancellation: cancellation);

    /// <summary>Records what compressing or decompressing needs, and creates its sessions at the same time.</summary>
    /// <param name="encoding">Whether to compress.</param>
    public void Prepare(bool encoding)
    {
        Action[] all = encoding
            ? [() => _analysis.Value.Prepare(), () => _hyperAnalysis.Value.Prepare(), () => _latents.Value.Prepare(withOutputs: false)]
            : [() => _synthesis.Value.Prepare(), () => _latents.Value.Prepare()];
        Parallel.Invoke(all);
    }

    internal OnnxProgram Analysis => _analysis.Value;

    internal OnnxProgram Synthesis => _synthesis.Value;

    internal OnnxProgram HyperAnalysis => _hyperAnalysis.Value;

    internal OnnxProgram Contexts => _latents.Value;

    internal Tensor? InverseGain(double quality) => Factor(quality, inverse: true);

    internal ReadOnlySpan<float> Medians => _medians.ToArray<float>();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<OnnxProgram> program in (Lazy<OnnxProgram>[])[_analysis, _synthesis, _hyperAnalysis, _latents])
            if (program.IsValueCreated) program.Value.Dispose();
        _medians.Dispose();
    }

    internal LatentSegment Encode(Tensor latents, double epsilon, bool checkSymbols, Action<int[], int[]>? trace, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        latents = latents.ToHost();
        Tensor rounded = _hyperAnalysis.Value.Run([latents], cancellation: cancellation)[0];
        int[] hyperSymbols = rounded.To(ScalarType.Int).ToArray<int>();
        var hyperEncoder = new RansEncoder(checkSymbols);
        hyperEncoder.Push(hyperSymbols, EntropyBottleneck.RowsOf(rounded.Shape), _model.Prior.Table);

        var encoder = new RansEncoder(checkSymbols);
        var coder = new EncodingSliceCoder(latents.Chunk(_model.Options.Slices, 1), _indexer, _model.Conditional.Table, encoder, epsilon)
        {
            Trace = trace,
        };
        _latents.Value.Run([rounded + _medians], coder, withOutputs: false, cancellation);
        return new LatentSegment
        {
            HyperStream = hyperEncoder.Finish(),
            LatentStream = encoder.Finish(),
            BoundarySymbols = coder.Boundary,
        };
    }

    internal Tensor Decode(
        LatentSegment segment, long height, long width, bool checkSymbols, Action<float[]>? disturb, Action<int[]>? trace = null,
        CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        long[] shape = [1, _model.Options.HyperWidth, height / 4, width / 4];
        var symbols = new int[_model.Options.HyperWidth * (height / 4) * (width / 4)];
        var hyperDecoder = new RansDecoder(segment.HyperStream, checkSymbols);
        hyperDecoder.Pop(symbols, EntropyBottleneck.RowsOf(shape), _model.Prior.Table);
        hyperDecoder.EnsureFinished();

        Tensor z = Tensor.From<int>(symbols, shape).To(ScalarType.Float) + _medians;
        var decoder = new RansDecoder(segment.LatentStream, checkSymbols);
        var coder = new DecodingSliceCoder(_indexer, _model.Conditional.Table, decoder, segment) { Disturb = disturb, Trace = trace };
        Tensor latents = _latents.Value.Run([z], coder, cancellation: cancellation)[0];
        decoder.EnsureFinished();
        return scope.Keep(latents);
    }

    private Tensor? Factor(double quality, bool inverse)
    {
        if (_model.Gains is not { } gains) return null;
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor given = Tensor.From<float>([(float)quality], [1]);
        return scope.Keep((inverse ? gains.InverseGain(given) : gains.Gain(given)).To(Device.Cpu, ScalarType.Float).ToHost());
    }

    private static Lazy<OnnxProgram> Program(string name, int channels, Func<Tensor, IReadOnlyList<Tensor>> function, bool onProcessor = false) =>
        new(() => OnnxProgram.Record(name, [new GraphInput([1, channels, -1, -1])], inputs => function(inputs[0]), onProcessor));

    // Cuts the graph at each half of a slice: the coder is that of the run.
    private sealed class CalledSliceCoder : ISliceCoder
    {
        public bool NeedsLatents => true;

        public Tensor Code(int slice, bool anchors, Tensor scales, Tensor means) => Tensor.OnHost(
            (context, inputs) => ((ISliceCoder)context!).Code(slice, anchors, inputs[0], inputs[1]),
            means.Shape.ToArray(), scales, means);
    }
}
