using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// The compact restorer: a U-Net of plain residual blocks on pixels unshuffled into channels, with the inputs and the two
/// embeddings of the universal network (<see cref="ConditionalUNet"/>) and no normalisation, as there. 3×3 convolutions with
/// the channels innermost are what processors do best: see docs/decisions/0006-residual-restorer.md.
/// </summary>
public sealed class ResidualUNet : ConditionalDenoiser
{
    private const int Frequencies = 64;

    private readonly Sequential _timeMlp;
    private readonly Conv2d _input;
    private readonly UnaryModule _output;
    private readonly ModuleList<ModuleList<ModulatedResidualBlock>> _encoder = new(), _decoder = new();
    private readonly ModuleList<ModulatedResidualBlock> _middle = new();
    private readonly ModuleList<Conv2d> _down = new(), _up = new();
    private readonly Tensor? _prompt;
    private readonly Sequential? _textMlp;
    private readonly Linear? _promptMlp;

    /// <summary>A network with fresh weights, which returns the condition (or, predicting noise, 0).</summary>
    /// <exception cref="ArgumentException">The sizes don't fit each other.</exception>
    public ResidualUNet(ResidualUNetOptions options)
    {
        Options = options;
        if (options.Widths.Count < 2 || options.Blocks.Count != options.Widths.Count - 1)
            throw new ArgumentException("a U-Net needs two levels or more, and a number of blocks for each but the deepest");
        if (options.Unshuffle < 1) throw new ArgumentException($"pixels cannot be unshuffled by {options.Unshuffle}");

        int embedding = options.EmbeddingWidth, pixels = options.ImageChannels * options.Unshuffle * options.Unshuffle;
        if (options.DegradationWidth > 0)
        {
            // The softmax before it divides by about as much: tasks differ from the first step on.
            _prompt = Parameter("prompt", DegradationPrompt.Initial(embedding) * embedding);
            _textMlp = Child("text_mlp", DegradationPrompt.Mixer(options.DegradationWidth, embedding));
            _promptMlp = Child("prompt_mlp", new Linear(embedding, embedding));
        }
        _timeMlp = Child("time_mlp", new Sequential(
            new SinusoidalEmbedding(Frequencies), new Linear(Frequencies, embedding), Activation.Silu(),
            new Linear(embedding, embedding)));
        _input = Child("input", new Conv2d(pixels * 2, options.Widths[0], 3));
        _output = Child("output", new ZeroConv2d(options.Widths[0], pixels, 3));
        Child("encoder", _encoder);
        Child("down", _down);
        Child("middle", _middle);
        Child("up", _up);
        Child("decoder", _decoder);
        for (int level = 0; level < options.Blocks.Count; level++)
        {
            (int width, int deeper) = (options.Widths[level], options.Widths[level + 1]);
            Fill(_encoder.Add(new ModuleList<ModulatedResidualBlock>()), options.Blocks[level], width, false);
            _down.Add(new Conv2d(width, deeper, 2, stride: 2, padding: 0));
            _up.Add(new Conv2d(deeper, width * 4, 1));
            Fill(_decoder.Add(new ModuleList<ModulatedResidualBlock>()), options.Blocks[level], width, false);
        }
        Fill(_middle, options.MiddleBlocks, options.Widths[^1], true);
        Initialize(pixels);

        void Fill(ModuleList<ModulatedResidualBlock> list, int count, int width, bool deepest)
        {
            for (int i = 0; i < count; i++)
                list.Add(new ModulatedResidualBlock(width, embedding, options.ContentWidth, deepest, deepest ? options.Dilation(i) : 1, options.NegativeSlope));
        }
    }

    /// <summary>The network's shape.</summary>
    public ResidualUNetOptions Options { get; }

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
        return new DenoiserContext(
            prompt, content is null ? [] : [.. _middle.Select(block => block.Project(content)).OfType<Tensor>()]);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context)
    {
        using var scope = new TensorScope();
        (long height, long width) = (state.Size(2), state.Size(3));
        Tensor embedding = _timeMlp.Forward(time);
        if (context.Prompt is { } prompt) embedding += prompt;
        embedding = embedding.Silu();

        Tensor x = Pad(Tensor.Cat(1, state - condition, condition), height, width);
        if (Options.Unshuffle > 1) x = x.PixelUnshuffle(Options.Unshuffle);
        x = _input.Forward(x.Contiguous(Processor.ConvolutionFormat(x)));
        var skips = new Stack<Tensor>();
        for (int level = 0; level < _encoder.Count; level++)
        {
            x = Through(_encoder[level], x, embedding);
            skips.Push(x);
            x = _down[level].Forward(x);
        }
        for (int i = 0; i < _middle.Count; i++)
            x = Replace(x, _middle[i].Forward(x, embedding, context.Content.Count > 0 ? context.Content[i] : null));
        for (int level = _decoder.Count - 1; level >= 0; level--)
        {
            using Tensor deeper = x, skip = skips.Pop();
            x = Through(_decoder[level], _up[level].Forward(deeper).PixelShuffle(2) + skip, embedding);
        }
        x = _output.Forward(x);
        if (Options.Unshuffle > 1) x = x.PixelShuffle(Options.Unshuffle);
        x = x.Narrow(2, 0, height).Narrow(3, 0, width);
        return scope.Keep(Target == PredictionTarget.Clean ? condition + x : x.Contiguous());
    }

    // Features of about the size of 1 at every level, around 0 for grey: Adam's steps are small against them.
    private void Initialize(int pixels)
    {
        Initialization.RefillNormal(_input.Weight, Math.Sqrt(2.0 / (pixels * 9)));
        using (GradMode.Disable())
            _input.Bias!.CopyInPlace(_input.Weight.Narrow(1, pixels, pixels).Sum([1, 2, 3]) * -0.5);
        foreach (Conv2d down in _down) Initialization.RefillNormal(down.Weight, Math.Sqrt(1.0 / (down.Weight.Size(1) * 4)));
        foreach (Conv2d up in _up) Initialization.RefillNormal(up.Weight, Math.Sqrt(1.0 / up.Weight.Size(1)));
    }

    private static Tensor Through(ModuleList<ModulatedResidualBlock> blocks, Tensor features, Tensor embedding)
    {
        foreach (ModulatedResidualBlock block in blocks)
            features = Replace(features, block.Forward(features, embedding, null));
        return features;
    }

    // Maps go as soon as nobody needs them; in training the graph keeps what it must.
    private static Tensor Replace(Tensor old, Tensor next)
    {
        old.Dispose();
        return next;
    }

    private Tensor Pad(Tensor x, long height, long width)
    {
        int multiple = Options.Multiple;
        long down = (multiple - height % multiple) % multiple, right = (multiple - width % multiple) % multiple;
        return down == 0 && right == 0 ? x : x.PadReplicate(0, right, 0, down);
    }
}
