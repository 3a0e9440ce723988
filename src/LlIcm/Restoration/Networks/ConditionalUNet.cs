using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// The U-Net of IR-SDE (arXiv 2301.11699) and of DA-CLIP's restorers (arXiv 2310.01018), with the state-dict names of
/// the published code (Algolzw/daclip-uir and Algolzw/image-restoration-sde, <c>ConditionalUNet</c>); the options say
/// which one.
/// </summary>
public sealed class ConditionalUNet : ConditionalDenoiser
{
    private readonly Conv2d _initial, _final;
    private readonly Sequential _timeMlp;
    private readonly Tensor? _prompt;
    private readonly Sequential? _textMlp;
    private readonly Linear? _promptMlp;
    private readonly ModuleList<UNetLevel> _downs = new(), _ups = new();
    private readonly ResBlock _middle1, _middle2, _finalBlock;
    private readonly PreNormAttention _middleAttention;
    private readonly UnaryModule? _downsample, _upsample;

    /// <summary>A network with fresh weights.</summary>
    /// <exception cref="ArgumentException">The sizes don't fit each other.</exception>
    public ConditionalUNet(ConditionalUNetOptions options)
    {
        Options = options;
        int depth = options.Multipliers.Count, width = options.Width, timeWidth = width * 4;
        if (depth == 0) throw new ArgumentException("a U-Net needs at least one level");
        if (options.ContentWidth > 0 && width % 32 != 0)
            throw new ArgumentException($"content attention has heads of 32 channels; {width} is no multiple");
        int Channels(int level) => level < 0 ? width : width * options.Multipliers[level];

        if (options.DegradationWidth > 0) _prompt = Parameter("prompt", DegradationPrompt.Initial(timeWidth));
        _initial = Child("init_conv", new Conv2d(options.ImageChannels * 2, width, 7, bias: false));
        _timeMlp = Child("time_mlp", new Sequential(
            new SinusoidalEmbedding(width), new Linear(width, timeWidth), Activation.Gelu(),
            new Linear(timeWidth, timeWidth)));
        if (options.DegradationWidth > 0)
        {
            _textMlp = Child("text_mlp", DegradationPrompt.Mixer(options.DegradationWidth, timeWidth));
            _promptMlp = Child("prompt_mlp", new Linear(timeWidth, timeWidth));
        }
        if (options.HalfSize)
        {
            _downsample = Child<UnaryModule>("downsample", Down(width, width));
            _upsample = Child<UnaryModule>("upsample", Up(width, width));
        }

        Child("downs", _downs);
        Child("ups", _ups);
        for (int level = 0; level < depth; level++)
        {
            int outer = Channels(level - 1), inner = Channels(level);
            _downs.Add(new UNetLevel(
                new ResBlock(outer, outer, timeWidth), new ResBlock(outer, outer, timeWidth),
                new PreNormAttention(outer, options.ContentWidth, options.HasTransformer(level)),
                level == depth - 1 ? new Conv2d(outer, inner, 3, bias: false) : Down(outer, inner)));
        }
        for (int level = depth - 1; level >= 0; level--)
        {
            int outer = Channels(level - 1), inner = Channels(level);
            _ups.Add(new UNetLevel(
                new ResBlock(inner + outer, inner, timeWidth), new ResBlock(inner + outer, inner, timeWidth),
                new PreNormAttention(inner, options.ContentWidth, options.HasTransformer(level)),
                level == 0 ? new Conv2d(inner, outer, 3, bias: false) : Up(inner, outer)));
        }
        int deepest = Channels(depth - 1);
        _middle1 = Child("mid_block1", new ResBlock(deepest, deepest, timeWidth));
        _middleAttention = Child(
            "mid_attn", new PreNormAttention(deepest, options.ContentWidth, options.ContentWidth > 0));
        _middle2 = Child("mid_block2", new ResBlock(deepest, deepest, timeWidth));
        _finalBlock = Child("final_res_block", new ResBlock(width * 2, width, timeWidth));
        _final = Child("final_conv", new Conv2d(width, options.ImageChannels, 3));
    }

    /// <summary>The network's shape.</summary>
    public ConditionalUNetOptions Options { get; }

    /// <inheritdoc/>
    public override PredictionTarget Target => PredictionTarget.Noise;

    /// <inheritdoc/>
    public override int ImageChannels => Options.ImageChannels;

    /// <inheritdoc/>
    public override int Multiple => Options.Multiple;

    /// <inheritdoc/>
    public override int DegradationWidth => Options.DegradationWidth;

    /// <inheritdoc/>
    public override int ContentWidth => Options.ContentWidth;

    /// <inheritdoc/>
    public override DenoiserContext Prepare(Tensor? degradation, Tensor? content)
    {
        Tensor? prompt = degradation is null || _prompt is null
            ? null : DegradationPrompt.Apply(degradation, _textMlp!, _prompt, _promptMlp!);
        if (content is null) return new DenoiserContext(prompt, []);
        var transformers = Attentions().Select(each => each.Transformer).OfType<SpatialTransformer>();
        return new DenoiserContext(prompt, [.. transformers.Select(each => each.Prepare(content))]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Without content, the attention over it falls back to the positions themselves, as in the published code; that
    /// works where the embedding is as wide as the features.
    /// </remarks>
    public override Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context)
    {
        Tensor embedding = _timeMlp.Forward(time);
        if (context.Prompt is { } prompt) embedding += prompt;
        int next = 0;
        Tensor Attend(PreNormAttention attention, Tensor features) => attention.Forward(
            features, attention.Transformer is null || context.Content.Count == 0 ? null : context.Content[next++]);

        using var scope = new TensorScope();
        (long height, long width) = (state.Size(2), state.Size(3));
        Tensor x = Pad(Tensor.Cat(1, state - condition, condition), height, width);
        Tensor first = _initial.Forward(x.Contiguous(Processor.ConvolutionFormat(x)));
        x = _downsample is null ? first.Alias() : _downsample.Forward(first);

        // Features are freed as soon as nobody needs them: at full size this decides how large a picture fits into
        // memory.
        var skips = new Stack<Tensor>();
        foreach (UNetLevel level in _downs)
        {
            skips.Push(level.First.Forward(x, embedding));
            using Tensor second = level.Second.Forward(skips.Peek(), embedding);
            skips.Push(Attend(level.Attention, second));
            x = Replace(x, level.Resize.Forward(skips.Peek()));
        }
        x = Replace(x, _middle1.Forward(x, embedding));
        x = Replace(x, Attend(_middleAttention, x));
        x = Replace(x, _middle2.Forward(x, embedding));
        foreach (UNetLevel level in _ups)
        {
            x = Replace(x, Joined(level.First, x, skips.Pop(), embedding));
            x = Replace(x, Joined(level.Second, x, skips.Pop(), embedding));
            x = Replace(x, Attend(level.Attention, x));
            x = Replace(x, level.Resize.Forward(x));
        }
        if (_upsample is not null) x = Replace(x, _upsample.Forward(x));
        x = Replace(x, Joined(_finalBlock, x, first, embedding));
        return scope.Keep(_final.Forward(x).Narrow(2, 0, height).Narrow(3, 0, width));
    }

    private static Tensor Replace(Tensor old, Tensor next)
    {
        old.Dispose();
        return next;
    }

    private static Tensor Joined(ResBlock block, Tensor features, Tensor skip, Tensor embedding)
    {
        using Tensor joined = Tensor.Cat(1, features, skip);
        skip.Dispose();
        return block.Forward(joined, embedding);
    }

    private static Conv2d Down(int inputs, int outputs) => new(inputs, outputs, 4, stride: 2, padding: 1);

    private static Sequential Up(int inputs, int outputs) =>
        new(new Activation(x => x.UpsampleNearest(x.Size(2) * 2, x.Size(3) * 2)), new Conv2d(inputs, outputs, 3));

    /// <summary>
    /// In the order in which <see cref="Forward(Tensor, Tensor, Tensor, DenoiserContext)"/> meets them.
    /// </summary>
    private IEnumerable<PreNormAttention> Attentions() =>
        [.. _downs.Select(each => each.Attention), _middleAttention, .. _ups.Select(each => each.Attention)];

    private Tensor Pad(Tensor x, long height, long width)
    {
        int multiple = Options.Multiple;
        long down = (multiple - height % multiple) % multiple, right = (multiple - width % multiple) % multiple;
        if (down == 0 && right == 0) return x;
        // A picture smaller than its padding cannot be reflected.
        return down < height && right < width ? x.PadReflect(0, right, 0, down) : x.PadReplicate(0, right, 0, down);
    }
}
