using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// Refusion's NAFNet (arXiv 2304.08291; Algolzw/image-restoration-sde, ConditionalNAFNet) with the state-dict names of
/// the published code, and what the compact preset adds: DA-CLIP's two embeddings used as in <c>ConditionalUNet</c>,
/// pixels unshuffled into channels, and the clean picture as the output. Without those it is the published network.
/// </summary>
public sealed class ConditionalNafNet : ConditionalDenoiser
{
    private readonly Sequential _timeMlp;
    private readonly UnaryModule _intro, _ending;
    private readonly ModuleList<ModuleList<NafBlock>> _encoders = new(), _decoders = new();
    private readonly ModuleList<NafBlock> _middle = new();
    private readonly ModuleList<UnaryModule> _ups = new(), _downs = new();
    private readonly Tensor? _prompt;
    private readonly Sequential? _textMlp;
    private readonly Linear? _promptMlp;

    /// <summary>A network with fresh weights.</summary>
    /// <exception cref="ArgumentException">The sizes don't fit each other.</exception>
    public ConditionalNafNet(ConditionalNafNetOptions options)
    {
        Options = options;
        if (options.EncoderBlocks.Count != options.DecoderBlocks.Count || options.EncoderBlocks.Count == 0)
            throw new ArgumentException("a NAFNet needs as many decoder levels as encoder levels, at least one");
        if (options.Unshuffle < 1) throw new ArgumentException($"pixels cannot be unshuffled by {options.Unshuffle}");

        int width = options.Width, timeWidth = width * 4;
        int pixels = options.ImageChannels * options.Unshuffle * options.Unshuffle;
        if (options.DegradationWidth > 0)
        {
            _prompt = Parameter("prompt", DegradationPrompt.Initial(timeWidth));
            _textMlp = Child("text_mlp", DegradationPrompt.Mixer(options.DegradationWidth, timeWidth));
            _promptMlp = Child("prompt_mlp", new Linear(timeWidth, timeWidth));
        }
        _timeMlp = Child("time_mlp", new Sequential(
            new SinusoidalEmbedding(width), new Linear(width, timeWidth * 2), NafBlock.SimpleGate(),
            new Linear(timeWidth, timeWidth)));
        _intro = Child("intro", new Conv2d(pixels * 2, width, 3));
        _ending = Child<UnaryModule>("ending", options.Target == PredictionTarget.Clean
            ? new ZeroConv2d(width, pixels, 3) : new Conv2d(width, pixels, 3));

        Child("encoders", _encoders);
        Child("decoders", _decoders);
        Child("middle_blks", _middle);
        Child("ups", _ups);
        Child("downs", _downs);
        int channels = width, levels = options.EncoderBlocks.Count;
        for (int level = 0; level < levels; level++)
        {
            int content = level == levels - 1 ? options.ContentWidth : 0;
            Fill(_encoders.Add(new ModuleList<NafBlock>()), options.EncoderBlocks[level], channels, content);
            _downs.Add(new Conv2d(channels, channels * 2, 2, stride: 2, padding: 0));
            channels *= 2;
        }
        Fill(_middle, options.MiddleBlocks, channels, options.ContentWidth);
        for (int level = 0; level < levels; level++)
        {
            int content = level == 0 ? options.ContentWidth : 0;
            _ups.Add(new Sequential(new Conv2d(channels, channels * 2, 1, bias: false), Activation.PixelShuffle(2)));
            channels /= 2;
            Fill(_decoders.Add(new ModuleList<NafBlock>()), options.DecoderBlocks[level], channels, content);
        }

        void Fill(ModuleList<NafBlock> list, int count, int blockChannels, int content)
        {
            for (int i = 0; i < count; i++) list.Add(new NafBlock(blockChannels, timeWidth, content));
        }
    }

    /// <summary>The network's shape.</summary>
    public ConditionalNafNetOptions Options { get; }

    /// <inheritdoc/>
    public override PredictionTarget Target => Options.Target;

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
        var vectors = new List<Tensor>();
        if (content is not null)
            foreach (NafBlock block in Blocks())
                if (block.Content is { } projection) vectors.Add(projection.Forward(content).Unsqueeze(2).Unsqueeze(3));
        return new DenoiserContext(prompt, vectors);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context)
    {
        Tensor embedding = _timeMlp.Forward(time);
        if (context.Prompt is { } prompt) embedding += prompt;
        int used = 0;
        Tensor Through(ModuleList<NafBlock> blocks, Tensor features)
        {
            foreach (NafBlock block in blocks)
            {
                Tensor? vector = block.Content is null || context.Content.Count == 0 ? null : context.Content[used++];
                Tensor next = block.Forward(features, embedding, vector);
                features.Dispose();
                features = next;
            }
            return features;
        }

        using var scope = new TensorScope();
        (long height, long width) = (state.Size(2), state.Size(3));
        Tensor x = Pad(Tensor.Cat(1, state - condition, condition), height, width);
        if (Options.Unshuffle > 1) x = x.PixelUnshuffle(Options.Unshuffle);
        x = _intro.Forward(x.Contiguous(Processor.ConvolutionFormat(x)));
        var skips = new Stack<Tensor>();
        for (int level = 0; level < _encoders.Count; level++)
        {
            x = Through(_encoders[level], x);
            skips.Push(x);
            x = _downs[level].Forward(x);
        }
        x = Through(_middle, x);
        for (int level = 0; level < _decoders.Count; level++)
        {
            using Tensor deeper = x, skip = skips.Pop();
            x = Through(_decoders[level], _ups[level].Forward(deeper) + skip);
        }
        x = _ending.Forward(x);
        if (Options.Unshuffle > 1) x = x.PixelShuffle(Options.Unshuffle);
        x = x.Narrow(2, 0, height).Narrow(3, 0, width);
        return scope.Keep(Target == PredictionTarget.Clean ? condition + x : x);
    }

    /// <summary>
    /// In the order in which <see cref="Forward(Tensor, Tensor, Tensor, DenoiserContext)"/> meets them.
    /// </summary>
    private IEnumerable<NafBlock> Blocks() =>
        _encoders.SelectMany(each => each).Concat(_middle).Concat(_decoders.SelectMany(each => each));

    private Tensor Pad(Tensor x, long height, long width)
    {
        int multiple = Options.Multiple;
        long down = (multiple - height % multiple) % multiple, right = (multiple - width % multiple) % multiple;
        if (down == 0 && right == 0) return x;
        return Options.ReplicateBorder ? x.PadReplicate(0, right, 0, down) : x.Pad([0, right, 0, down]);
    }
}
