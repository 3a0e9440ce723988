using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// The compact restorer: a plain residual U-Net on pixels unshuffled into channels that is told the task and makes the clean picture in one
/// evaluation, as x + x·gain + offset (haze and shadows are mostly a gain and an offset). The task enters as a mixture of learned
/// vectors, one a word, weighted by the words' probabilities, in the first block of each level. Missing pixels are marked in a fourth
/// channel; they come filled (<see cref="HoleFilling"/>).
/// </summary>
public sealed class TaskUNet : ConditionalDenoiser
{
    private readonly Conv2d _input;
    private readonly ZeroConv2d _output;
    private readonly ModuleList<ModuleList<TaskResidualBlock>> _encoder = new(), _decoder = new();
    private readonly ModuleList<TaskResidualBlock> _middle = new();
    private readonly ModuleList<Conv2d> _down = new(), _up = new();
    private readonly Tensor[] _encoderTasks, _decoderTasks;
    private readonly Tensor _middleTask;

    /// <summary>A network with fresh weights, which returns its input.</summary>
    /// <exception cref="ArgumentException">The sizes don't fit each other.</exception>
    public TaskUNet(TaskUNetOptions options)
    {
        Options = options;
        if (options.Widths.Count < 2 || options.Blocks.Count != options.Widths.Count - 1 || options.Blocks.Any(each => each < 1) || options.Dilations.Count < 1)
            throw new ArgumentException("a U-Net needs two levels or more, and blocks at each");
        if (options.Unshuffle < 1) throw new ArgumentException($"pixels cannot be unshuffled by {options.Unshuffle}");
        int square = options.Unshuffle * options.Unshuffle, levels = options.Blocks.Count;
        _input = Child("input", new Conv2d(4 * square, options.Widths[0], 3));
        Initialization.RefillNormal(_input.Weight, Math.Sqrt(2.0 / (3 * square * 9)));
        _output = Child("output", new ZeroConv2d(options.Widths[0], 6 * square, 3));
        Child("encoder", _encoder);
        Child("down", _down);
        Child("middle", _middle);
        Child("up", _up);
        Child("decoder", _decoder);
        for (int level = 0; level < levels; level++)
        {
            (int width, int deeper) = (options.Widths[level], options.Widths[level + 1]);
            Fill(_encoder.Add(new ModuleList<TaskResidualBlock>()), options.Blocks[level], width);
            _down.Add(Scaled(new Conv2d(width, deeper, 2, stride: 2, padding: 0), width * 4));
            _up.Add(Scaled(new Conv2d(deeper, width * 4, 1), deeper));
            Fill(_decoder.Add(new ModuleList<TaskResidualBlock>()), options.Blocks[level], width);
        }
        foreach (int dilation in options.Dilations) _middle.Add(new TaskResidualBlock(options.Widths[^1], dilation, options.NegativeSlope));
        _encoderTasks = [.. Enumerable.Range(0, levels).Select(level => Task($"encoder_task_{level}", options.Widths[level]))];
        _decoderTasks = [.. Enumerable.Range(0, levels).Select(level => Task($"decoder_task_{level}", options.Widths[level]))];
        _middleTask = Task("middle_task", options.Widths[^1]);

        void Fill(ModuleList<TaskResidualBlock> list, int count, int width)
        {
            for (int i = 0; i < count; i++) list.Add(new TaskResidualBlock(width, 1, options.NegativeSlope));
        }

        Tensor Task(string name, int width) => Parameter(name, Initialization.Normal([options.Tasks, width], 0.3));
    }

    /// <summary>The network's shape.</summary>
    public TaskUNetOptions Options { get; }

    /// <inheritdoc/>
    public override PredictionTarget Target => PredictionTarget.Clean;

    /// <inheritdoc/>
    public override int ImageChannels => 3;

    /// <inheritdoc/>
    public override int Multiple => Options.Multiple;

    /// <summary>The number of tasks: the place of the embedding is taken by the words' probabilities.</summary>
    public override int DegradationWidth => Options.Tasks;

    /// <inheritdoc/>
    public override int ContentWidth => 0;

    /// <summary>Keeps the tasks for <see cref="Forward(Tensor, Tensor, Tensor, DenoiserContext)"/>.</summary>
    /// <param name="degradation">Probabilities of the words, <c>[B, tasks]</c>; null: none is told.</param>
    /// <param name="content">Without effect.</param>
    public override DenoiserContext Prepare(Tensor? degradation, Tensor? content) => new(degradation, []);

    /// <summary>One evaluation on a picture without holes; it looks at the degraded picture alone, whatever the state and the time.</summary>
    /// <param name="state">Without effect.</param>
    /// <param name="condition">The degraded picture, <c>[B, 3, H, W]</c>.</param>
    /// <param name="time">Without effect.</param>
    /// <param name="context">From <see cref="Prepare"/>.</param>
    /// <returns>The clean picture, <c>[B, 3, H, W]</c>.</returns>
    public override Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context)
    {
        using var scope = new TensorScope();
        (long count, long height, long width) = (condition.Size(0), condition.Size(2), condition.Size(3));
        return scope.Keep(Forward(
            condition, Tensor.Zeros([count, 1, height, width], device: condition.Device),
            context.Prompt ?? Tensor.Zeros([count, Options.Tasks], device: condition.Device)));
    }

    /// <summary>One evaluation.</summary>
    /// <param name="picture">The degraded picture in 0–1, holes filled, <c>[B, 3, H, W]</c>; any size.</param>
    /// <param name="holes">1 where a pixel is missing, else 0, <c>[B, 1, H, W]</c>.</param>
    /// <param name="tasks">Probabilities of the words, <c>[B, tasks]</c>; one is 1 where the task is told.</param>
    /// <returns>The clean picture, <c>[B, 3, H, W]</c>; may leave 0–1 slightly.</returns>
    public Tensor Forward(Tensor picture, Tensor holes, Tensor tasks)
    {
        (long height, long width) = (picture.Size(2), picture.Size(3));
        using var scope = new TensorScope();
        Tensor restored = ForwardPadded(Pad(picture), Pad(holes), tasks);
        return scope.Keep(restored.Narrow(2, 0, height).Narrow(3, 0, width));
    }

    /// <summary>One evaluation on sizes that are multiples of <see cref="Multiple"/>; nothing in it depends on them.</summary>
    /// <param name="picture">The degraded picture in 0–1, holes filled, <c>[B, 3, H, W]</c>.</param>
    /// <param name="holes">1 where a pixel is missing, else 0, <c>[B, 1, H, W]</c>.</param>
    /// <param name="tasks">Probabilities of the words, <c>[B, tasks]</c>.</param>
    /// <returns>The clean picture, <c>[B, 3, H, W]</c>.</returns>
    internal Tensor ForwardPadded(Tensor picture, Tensor holes, Tensor tasks)
    {
        using var scope = new TensorScope();
        // Around 0 for grey.
        Tensor x = Tensor.Cat(1, picture - 0.5, holes);
        if (Options.Unshuffle > 1) x = x.PixelUnshuffle(Options.Unshuffle);
        x = _input.Forward(x.Contiguous(Processor.ConvolutionFormat(x)));
        var skips = new Stack<Tensor>();
        for (int level = 0; level < _encoder.Count; level++)
        {
            x = Through(_encoder[level], x, tasks, _encoderTasks[level]);
            skips.Push(x);
            x = _down[level].Forward(x);
        }
        x = Through(_middle, x, tasks, _middleTask);
        for (int level = _decoder.Count - 1; level >= 0; level--)
        {
            using Tensor deeper = x, skip = skips.Pop();
            x = Through(_decoder[level], _up[level].Forward(deeper).PixelShuffle(2) + skip, tasks, _decoderTasks[level]);
        }
        x = _output.Forward(x);
        if (Options.Unshuffle > 1) x = x.PixelShuffle(Options.Unshuffle);
        return scope.Keep(picture + picture * x.Narrow(1, 0, 3) + x.Narrow(1, 3, 3));
    }

    private static Tensor Through(ModuleList<TaskResidualBlock> blocks, Tensor features, Tensor tasks, Tensor table)
    {
        Tensor? task = tasks.Matmul(table).Unsqueeze(2).Unsqueeze(3);
        foreach (TaskResidualBlock block in blocks)
        {
            Tensor next = block.Forward(features, task);
            features.Dispose();
            (features, task) = (next, null);
        }
        return features;
    }

    private static Conv2d Scaled(Conv2d layer, int fanIn)
    {
        Initialization.RefillNormal(layer.Weight, Math.Sqrt(1.0 / fanIn));
        return layer;
    }

    private Tensor Pad(Tensor x)
    {
        int multiple = Options.Multiple;
        long down = (multiple - x.Size(2) % multiple) % multiple, right = (multiple - x.Size(3) % multiple) % multiple;
        return down == 0 && right == 0 ? x : x.PadReplicate(0, right, 0, down);
    }
}
