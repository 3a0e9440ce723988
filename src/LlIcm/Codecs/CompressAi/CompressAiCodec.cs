using LlIcm.Codecs.Layers;
using LlIcm.Codecs.Mlic;
using LlIcm.EntropyCoding;
using LlIcm.Onnx;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Codecs.CompressAi;

/// <summary>
/// The codecs of CompressAI's zoo, with its state-dict names and its streams: what MLIC is compared with. Pictures are
/// [B, 3, H, W] in [0, 1] with sides that are multiples of 64.
/// </summary>
public sealed class CompressAiCodec : Module
{
    private const int LatentStep = 16, HyperStep = 4;

    private readonly Sequential _analysis, _synthesis;
    private readonly Sequential? _hyperAnalysis, _hyperSynthesis, _entropyParameters;
    private readonly MaskedConv2d? _context;
    private readonly EntropyBottleneck _prior;
    private readonly GaussianConditional? _conditional;
    private readonly Lazy<OnnxProgram> _toLatents, _toHyper, _toPicture, _toParameters, _step;

    /// <summary>A codec with PyTorch's default initialisation.</summary>
    public CompressAiCodec(CompressAiOptions options)
    {
        Options = options;
        (int n, int m) = (options.Width, options.LatentWidth);
        bool factorized = options.Architecture == CompressAiArchitecture.FactorizedPrior;
        // Recorded at their first use, for any size; whatever leads to a symbol's scale stays on the processor.
        _toLatents = Program("g_a", x => [_analysis!.Forward(x[0])], onProcessor: true, [1, 3, -1, -1]);
        _toPicture = Program("g_s", y => [_synthesis!.Forward(y[0])], onProcessor: false, [1, m, -1, -1]);
        _toHyper = Program("h_a", y => [Hyper(y[0])], onProcessor: true, [1, m, -1, -1]);
        _toParameters = Program("h_s", z => [_hyperSynthesis!.Forward(z[0])], onProcessor: true, [1, n, -1, -1]);
        _step = Program(
            "context", inputs => [_entropyParameters!.Forward(Tensor.Cat(1, inputs[0], inputs[1].Conv2d(_context!.Weight, _context.Bias)))],
            onProcessor: true, [1, 2 * m, 1, 1], [1, m, MaskedConv2d.Kernel, MaskedConv2d.Kernel]);
        _prior = Child("entropy_bottleneck", new EntropyBottleneck(factorized ? m : n));
        _analysis = Child("g_a", Analysis(options));
        _synthesis = Child("g_s", Synthesis(options));
        if (factorized) return;
        _hyperAnalysis = Child("h_a", HyperAnalysis(options));
        _hyperSynthesis = Child("h_s", HyperSynthesis(options));
        _conditional = Child("gaussian_conditional", new GaussianConditional());
        if (!options.IsAutoregressive) return;
        _entropyParameters = Child("entropy_parameters", new Sequential(
            new Conv2d(4 * m, m * 10 / 3, 1), Activation.LeakyRelu(),
            new Conv2d(m * 10 / 3, m * 8 / 3, 1), Activation.LeakyRelu(),
            new Conv2d(m * 8 / 3, 2 * m, 1)));
        _context = Child("context_prediction", new MaskedConv2d(m, 2 * m));
    }

    /// <summary>Architecture and sizes.</summary>
    public CompressAiOptions Options { get; }

    private bool HasMeans => Options.Architecture != CompressAiArchitecture.ScaleHyperprior;

    /// <summary>Loads a published checkpoint, in any of CompressAI's spellings of names.</summary>
    /// <exception cref="WeightFormatException">It is none of these codecs, or a part is missing.</exception>
    public static CompressAiCodec Load(WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach ((string name, StoredTensor tensor) in file.Tensors) tensors.TryAdd(MlicWeights.Rename(name), tensor);
        try
        {
            CompressAiCodec codec;
            using (Initialization.Skip()) codec = new CompressAiCodec(CompressAiOptions.OptionsOf(tensors));
            codec.LoadState(name => tensors.TryGetValue(name, out StoredTensor? stored) ? stored.ToTensor() : null);
            codec.Eval();
            return codec;
        }
        catch (Exception error) when (error is TensorException or WeightFormatException)
        {
            throw new WeightFormatException($"{file.Source}: {error.Message}", error);
        }
    }

    /// <summary>One pass with rounding, as CompressAI's models do in inference.</summary>
    /// <remarks>
    /// With a context the reconstruction is that of latents rounded without their means, which is not what coding gives: so it is in
    /// the reference.
    /// </remarks>
    /// <param name="picture">[B, 3, H, W].</param>
    public CompressAiOutput Forward(Tensor picture)
    {
        Tensor y = _analysis.Forward(picture);
        Tensor medians = _prior.Medians;
        if (_hyperAnalysis is null)
        {
            Tensor rounded = (y - medians).Round() + medians;
            return new CompressAiOutput(_synthesis.Forward(rounded), _prior.Likelihood(rounded), null);
        }
        Tensor z = (Hyper(y) - medians).Round() + medians;
        Tensor hyper = _hyperSynthesis!.Forward(z);
        Tensor? flat = Options.IsAutoregressive ? y.Round() : null;
        Tensor parameters = flat is null ? hyper : _entropyParameters!.Forward(Tensor.Cat(1, hyper, _context!.Forward(flat)));
        (Tensor scales, Tensor means) = Split(parameters);
        Tensor yHat = (y - means).Round() + means;
        Tensor likelihoods = GaussianConditional.Likelihood(yHat, scales, means);
        return new CompressAiOutput(_synthesis.Forward(flat ?? yHat), likelihoods, _prior.Likelihood(z));
    }

    /// <summary>Codes one picture.</summary>
    /// <param name="picture">[1, 3, H, W].</param>
    public CompressAiStreams Encode(Tensor picture) => Encode(picture, null);

    /// <summary>Decodes one picture.</summary>
    /// <param name="streams">What <see cref="Encode(Tensor)"/> or CompressAI wrote.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <returns>[1, 3, H, W], clamped to [0, 1].</returns>
    /// <exception cref="EntropyCodingException">The streams are damaged, or were decoded differently than encoded.</exception>
    public Tensor Decode(CompressAiStreams streams, long height, long width)
    {
        ArgumentNullException.ThrowIfNull(streams);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        return scope.Keep(_toPicture.Value.Run([DecodeLatents(streams, height, width)])[0].Clamp(0, 1));
    }

    /// <summary>Computes the coder's tables from the parameters as they are, for weights that were just trained.</summary>
    public void UpdateTables()
    {
        _prior.Update();
        _conditional?.Update();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Lazy<OnnxProgram> program in (Lazy<OnnxProgram>[])[_toLatents, _toHyper, _toPicture, _toParameters, _step])
            if (program.IsValueCreated) program.Value.Dispose();
        base.Dispose();
    }

    internal CompressAiStreams Encode(Tensor picture, Action<string, int[], int[]>? trace)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        Tensor y = _toLatents.Value.Run([picture])[0];
        if (_hyperAnalysis is null) return new CompressAiStreams(EncodePrior("y", y, trace).Stream, null);
        (byte[] stream, Tensor z) = EncodePrior("z", _toHyper.Value.Run([y])[0], trace);
        Tensor hyper = _toParameters.Value.Run([z])[0];
        var indexer = new ScaleIndexer(_conditional!.ScaleTable);
        var encoder = new RansEncoder();
        Tensor Push(Tensor part, Tensor scales, Tensor means)
        {
            Tensor rounded = (part - means).Round();
            int[] symbols = rounded.To(ScalarType.Int).ToArray<int>();
            int[] rows = Rows(indexer, scales);
            encoder.Push(symbols, rows, _conditional.Table);
            trace?.Invoke("y", symbols, rows);
            return rounded + means;
        }

        if (Options.IsAutoregressive)
        {
            Walk(hyper, (row, column, scales, means) => Push(At(y, row, column), scales, means));
        }
        else
        {
            (Tensor scales, Tensor means) = Split(hyper);
            Push(y, scales, means);
        }
        return new CompressAiStreams(encoder.Finish(), stream);
    }

    internal Tensor DecodeLatents(CompressAiStreams streams, long height, long width)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        (height, width) = (height / LatentStep, width / LatentStep);
        if (_hyperAnalysis is null) return scope.Keep(DecodePrior(streams.Latents, height, width));
        byte[] hyperStream = streams.Hyper ?? throw new EntropyCodingException("the stream of the hyper latents is missing");
        Tensor hyper = _toParameters.Value.Run([DecodePrior(hyperStream, height / HyperStep, width / HyperStep)])[0];
        var indexer = new ScaleIndexer(_conditional!.ScaleTable);
        var decoder = new RansDecoder(streams.Latents);
        Tensor Pop(Tensor scales, Tensor means)
        {
            int[] rows = Rows(indexer, scales);
            var symbols = new int[rows.Length];
            decoder.Pop(symbols, rows, _conditional.Table);
            return Tensor.From<int>(symbols, scales.Shape).To(ScalarType.Float) + means;
        }

        Tensor y;
        if (Options.IsAutoregressive)
        {
            y = Walk(hyper, (_, _, scales, means) => Pop(scales, means));
        }
        else
        {
            (Tensor scales, Tensor means) = Split(hyper);
            y = Pop(scales, means);
        }
        decoder.EnsureFinished();
        return scope.Keep(y);
    }

    // Position by position in raster order, all channels of one together.
    private Tensor Walk(Tensor hyper, Func<long, long, Tensor, Tensor, Tensor> code)
    {
        const int halo = MaskedConv2d.Kernel / 2;
        (long height, long width) = (hyper.Size(2), hyper.Size(3));
        Tensor padded = Tensor.Zeros([1, Options.LatentWidth, height + 2 * halo, width + 2 * halo]);
        for (long row = 0; row < height; row++)
            for (long column = 0; column < width; column++)
            {
                using var scope = new TensorScope();
                Tensor window = padded.Narrow(2, row, MaskedConv2d.Kernel).Narrow(3, column, MaskedConv2d.Kernel);
                (Tensor scales, Tensor means) = Split(_step.Value.Run([At(hyper, row, column), window])[0]);
                At(padded, row + halo, column + halo).CopyInPlace(code(row, column, scales, means));
            }
        return padded.Narrow(2, halo, height).Narrow(3, halo, width);
    }

    private Tensor HostMedians() => _prior.Medians.To(Device.Cpu, ScalarType.Float).ToHost();

    private static Lazy<OnnxProgram> Program(
        string name, Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> function, bool onProcessor, params long[][] inputs) =>
        new(() => OnnxProgram.Record(name, [.. inputs.Select(shape => new GraphInput(shape))], function, onProcessor));

    private (byte[] Stream, Tensor Values) EncodePrior(string name, Tensor values, Action<string, int[], int[]>? trace)
    {
        Tensor medians = HostMedians();
        Tensor rounded = (values - medians).Round();
        int[] symbols = rounded.To(ScalarType.Int).ToArray<int>(), rows = EntropyBottleneck.RowsOf(rounded.Shape);
        var encoder = new RansEncoder();
        encoder.Push(symbols, rows, _prior.Table);
        trace?.Invoke(name, symbols, rows);
        return (encoder.Finish(), rounded + medians);
    }

    private Tensor DecodePrior(byte[] stream, long height, long width)
    {
        Tensor medians = HostMedians();
        long[] shape = [1, medians.Size(1), height, width];
        int[] rows = EntropyBottleneck.RowsOf(shape);
        var symbols = new int[rows.Length];
        var decoder = new RansDecoder(stream);
        decoder.Pop(symbols, rows, _prior.Table);
        decoder.EnsureFinished();
        return Tensor.From<int>(symbols, shape).To(ScalarType.Float) + medians;
    }

    private Tensor Hyper(Tensor y) =>
        _hyperAnalysis!.Forward(Options.Architecture == CompressAiArchitecture.ScaleHyperprior ? y.Abs() : y);

    private (Tensor Scales, Tensor Means) Split(Tensor parameters) => HasMeans
        ? (parameters.Narrow(1, 0, Options.LatentWidth), parameters.Narrow(1, Options.LatentWidth, Options.LatentWidth))
        : (parameters, parameters.ZerosLike());

    private static Tensor At(Tensor map, long row, long column) => map.Narrow(2, row, 1).Narrow(3, column, 1);

    private static int[] Rows(ScaleIndexer indexer, Tensor scales)
    {
        float[] values = scales.To(ScalarType.Float).Contiguous().ToArray<float>();
        var rows = new int[values.Length];
        indexer.Find(values, rows);
        return rows;
    }

    private static bool IsCheng(CompressAiOptions options) => options.Architecture >= CompressAiArchitecture.Cheng2020Anchor;

    private static Sequential Analysis(CompressAiOptions options)
    {
        (int n, int m) = (options.Width, options.LatentWidth);
        if (!IsCheng(options))
        {
            return new Sequential(
                Down(3, n), new GeneralizedDivisiveNormalization(n), Down(n, n), new GeneralizedDivisiveNormalization(n),
                Down(n, n), new GeneralizedDivisiveNormalization(n), Down(n, m));
        }
        List<UnaryModule> layers =
        [
            ResidualDown(3, n), Residual(n), ResidualDown(n, n), Residual(n), ResidualDown(n, n), Residual(n),
            new Conv2d(n, n, 3, stride: 2),
        ];
        if (options.Architecture == CompressAiArchitecture.Cheng2020Attention)
        {
            layers.Insert(3, new AttentionBlock(n));
            layers.Add(new AttentionBlock(n));
        }
        return new Sequential([.. layers]);
    }

    private static Sequential Synthesis(CompressAiOptions options)
    {
        (int n, int m) = (options.Width, options.LatentWidth);
        if (!IsCheng(options))
        {
            return new Sequential(
                Up(m, n), new GeneralizedDivisiveNormalization(n, inverse: true),
                Up(n, n), new GeneralizedDivisiveNormalization(n, inverse: true),
                Up(n, n), new GeneralizedDivisiveNormalization(n, inverse: true), Up(n, 3));
        }
        List<UnaryModule> layers =
        [
            Residual(n), ResidualUp(n), Residual(n), ResidualUp(n), Residual(n), ResidualUp(n), Residual(n),
            ResidualBlockUpsample.SubpelConv(n, 3),
        ];
        if (options.Architecture == CompressAiArchitecture.Cheng2020Attention)
        {
            layers.Insert(4, new AttentionBlock(n));
            layers.Insert(0, new AttentionBlock(n));
        }
        return new Sequential([.. layers]);
    }

    private static Sequential HyperAnalysis(CompressAiOptions options)
    {
        (int n, int m) = (options.Width, options.LatentWidth);
        if (IsCheng(options))
        {
            return new Sequential(
                new Conv2d(n, n, 3), Activation.LeakyRelu(), new Conv2d(n, n, 3), Activation.LeakyRelu(),
                new Conv2d(n, n, 3, stride: 2), Activation.LeakyRelu(), new Conv2d(n, n, 3), Activation.LeakyRelu(),
                new Conv2d(n, n, 3, stride: 2));
        }
        Func<Activation> activation = Nonlinearity(options);
        return new Sequential(new Conv2d(m, n, 3), activation(), Down(n, n), activation(), Down(n, n));
    }

    private static Sequential HyperSynthesis(CompressAiOptions options)
    {
        (int n, int m) = (options.Width, options.LatentWidth);
        if (IsCheng(options))
        {
            return new Sequential(
                new Conv2d(n, n, 3), Activation.LeakyRelu(), ResidualBlockUpsample.SubpelConv(n, n), Activation.LeakyRelu(),
                new Conv2d(n, n * 3 / 2, 3), Activation.LeakyRelu(),
                ResidualBlockUpsample.SubpelConv(n * 3 / 2, n * 3 / 2), Activation.LeakyRelu(), new Conv2d(n * 3 / 2, 2 * n, 3));
        }
        Func<Activation> activation = Nonlinearity(options);
        return options.Architecture == CompressAiArchitecture.ScaleHyperprior
            ? new Sequential(Up(n, n), activation(), Up(n, n), activation(), new Conv2d(n, m, 3), activation())
            : new Sequential(Up(n, m), activation(), Up(m, m * 3 / 2), activation(), new Conv2d(m * 3 / 2, 2 * m, 3));
    }

    private static Func<Activation> Nonlinearity(CompressAiOptions options) =>
        options.Architecture == CompressAiArchitecture.ScaleHyperprior ? Activation.Relu : () => Activation.LeakyRelu();

    private static Conv2d Down(int inputs, int outputs) => new(inputs, outputs, 5, stride: 2);

    private static ConvTranspose2d Up(int inputs, int outputs) => new(inputs, outputs, 5, 2, 2, 1);

    private static ResidualBlock Residual(int n) => new(n, n, Activation.LeakyRelu());

    private static ResidualBlockWithStride ResidualDown(int inputs, int n) => new(inputs, n, 1, Activation.LeakyRelu());

    private static ResidualBlockUpsample ResidualUp(int n) => new(n, n, Activation.LeakyRelu());
}
