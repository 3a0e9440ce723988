using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// The multi-reference entropy model: walks through the latents slice by slice, anchors then non-anchors, predicts each half from
/// all contexts there are, and hands it to a coder. Training, encoding and decoding are this one walk.
/// </summary>
internal sealed class ContextModel
{
    private readonly MlicOptions _options;
    private readonly UnaryModule[] _local;
    private readonly ChannelContext?[] _channel;
    private readonly InterSliceContext?[] _inter;
    private readonly IntraSliceContext?[] _intra;
    private readonly EntropyParameters[] _anchorParameters, _nonAnchorParameters;
    private readonly LatentResidualPrediction[] _anchorResidual, _nonAnchorResidual;

    /// <summary>Builds the networks and registers them, by slice, under their published names.</summary>
    public ContextModel(MlicOptions options, Action<string, Module> register)
    {
        _options = options;
        int count = options.Slices, c = options.SliceWidth, hyper = options.LatentWidth * 2;
        int channel = options.ChannelContextWidths[^1];
        bool hasInter = options.InterSliceContext != GlobalContextKind.None;
        bool hasIntra = options.IntraSliceContext != GlobalContextKind.None;

        T Add<T>(string name, int slice, T module) where T : Module
        {
            register($"{name}.{slice}", module);
            return module;
        }

        _local = [.. Enumerable.Range(0, count).Select(i => Add<UnaryModule>("local_context", i,
            options.LocalContext == LocalContextKind.WindowAttention
                ? new WindowAttentionContext(c) : new StackedCheckerboardContext(c)))];
        _channel = [.. Enumerable.Range(0, count).Select(i => i == 0 ? null
            : Add("channel_context", i, new ChannelContext(c * i, options.ChannelContextWidths)))];
        _inter = [.. Enumerable.Range(0, count).Select(i => i == 0 || !hasInter ? null
            : Add("global_inter_context", i, new InterSliceContext(c, i, options.InterSliceContext)))];
        _intra = [.. Enumerable.Range(0, count).Select(i => i == 0 || !hasIntra ? null
            : Add("global_intra_context", i, new IntraSliceContext(c, options.IntraSliceContext)))];
        int Anchor(int i) => hyper + (i == 0 ? 0 : channel + (hasInter ? 2 * c : 0));
        _anchorParameters = [.. Enumerable.Range(0, count).Select(i => Add("entropy_parameters_anchor", i,
            new EntropyParameters(Anchor(i), options.EntropyParameterWidths, 2 * c)))];
        _nonAnchorParameters = [.. Enumerable.Range(0, count).Select(i => Add("entropy_parameters_nonanchor", i,
            new EntropyParameters(Anchor(i) + 2 * c + (i > 0 && hasIntra ? 2 * c : 0), options.EntropyParameterWidths, 2 * c)))];
        int Residual(int i) => options.LatentWidth + c * (i + 1);
        _anchorResidual = [.. Enumerable.Range(0, count).Select(i => Add("lrp_anchor", i,
            new LatentResidualPrediction(Residual(i), c, options.ResidualPredictionWidths)))];
        _nonAnchorResidual = [.. Enumerable.Range(0, count).Select(i => Add("lrp_nonanchor", i,
            new LatentResidualPrediction(Residual(i), c, options.ResidualPredictionWidths)))];
    }

    /// <summary>Called with every intermediate result, under the names of the golden fixtures; for tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Walks through the latents.</summary>
    /// <param name="hyper">The hyper synthesis' output [B, 2M, h, w]: scales, then means.</param>
    /// <param name="coder">What is done with each half.</param>
    /// <returns>The quantised, corrected latents ŷ [B, M, h, w]; null if the coder needs none.</returns>
    public Tensor? Walk(Tensor hyper, ISliceCoder coder)
    {
        Tensor means = hyper.Narrow(1, _options.LatentWidth, _options.LatentWidth);
        Tensor anchorMask = Checkerboard.AnchorMask(hyper);
        Tensor nonAnchorMask = 1 - anchorMask;
        // What every half of a slice reads is squeezed once.
        Tensor hyperAnchors = Checkerboard.Anchors(hyper), hyperNonAnchors = Checkerboard.NonAnchors(hyper);
        var slices = new List<Tensor>();
        for (int i = 0; i < _options.Slices; i++)
        {
            // The intermediate maps of a slice are the peak of the codec's memory: they go before the next one starts.
            using var scope = new TensorScope();
            Tensor? previous = i == 0 ? null : Tensor.Cat(1, [.. slices]);
            Tensor? inter = previous is null ? null : _inter[i]?.Forward(previous);
            Tensor? channel = previous is null ? null : _channel[i]!.Forward(previous);
            Emit(i, "global_inter_ctx", inter);
            Emit(i, "channel_ctx", channel);

            (Tensor scale, Tensor mean) = Parameters(i, "params_anchor", _anchorParameters[i],
                Squeeze(inter, true), Squeeze(channel, true), hyperAnchors);
            Tensor anchors = Checkerboard.Merge(coder.Code(i, anchors: true, scale, mean), null);
            Emit(i, "anchor_hat_before_lrp", anchors);
            Tensor residual = Joined(_anchorResidual[i], means, previous, anchors);
            Emit(i, "lrp_anchor", residual);
            anchors = anchors + residual * anchorMask;
            Emit(i, "anchor_hat", anchors);

            Tensor local = _local[i] is WindowAttentionContext attention
                ? attention.ForwardNonAnchors(anchors) : Checkerboard.NonAnchors(_local[i].Forward(anchors));
            Emit(i, "local_ctx", local);
            Tensor? intra = previous is null ? null
                : _intra[i]?.Forward(slices[^1] * anchorMask, slices[^1] * nonAnchorMask, anchors);
            Emit(i, "global_intra_ctx", intra);
            (scale, mean) = Parameters(i, "params_nonanchor", _nonAnchorParameters[i],
                local, Squeeze(intra, false), Squeeze(inter, false), Squeeze(channel, false), hyperNonAnchors);
            Tensor nonAnchors = coder.Code(i, anchors: false, scale, mean);
            if (i == _options.Slices - 1 && !coder.NeedsLatents) return null;
            Tensor slice = anchors + Checkerboard.Merge(null, nonAnchors);
            Emit(i, "y_hat_before_lrp_nonanchor", slice);
            residual = Joined(_nonAnchorResidual[i], means, previous, slice);
            Emit(i, "lrp_nonanchor", residual);
            slice = slice + residual * nonAnchorMask;
            Emit(i, "y_hat", slice);
            slices.Add(scope.Keep(slice));
        }
        return Tensor.Cat(1, [.. slices]);
    }

    private (Tensor Scales, Tensor Means) Parameters(int slice, string name, EntropyParameters network, params Tensor?[] contexts)
    {
        Tensor both = Joined(network, contexts);
        Emit(slice, name, both);
        return (both.Narrow(1, 0, _options.SliceWidth), both.Narrow(1, _options.SliceWidth, _options.SliceWidth));
    }

    private void Emit(int slice, string name, Tensor? tensor)
    {
        if (tensor is not null) Trace?.Invoke($"s{slice}.{name}", tensor);
    }

    private static Tensor? Squeeze(Tensor? map, bool anchors) =>
        map is null ? null : anchors ? Checkerboard.Anchors(map) : Checkerboard.NonAnchors(map);

    // The joined maps are the largest there are, and nobody else needs them.
    private static Tensor Joined(UnaryModule network, params Tensor?[] maps)
    {
        using Tensor joined = Tensor.Cat(1, [.. maps.OfType<Tensor>()]);
        return network.Forward(joined);
    }
}
