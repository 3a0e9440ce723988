using LlIcm.Onnx;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// A restoration network as recorded graphs, one for each size that it meets: tiles of a picture have one size, and the graphs of the
/// last few sizes are kept. The weights are those that the network has when a graph is recorded.
/// </summary>
public sealed class RecordedDenoiser : IDisposable
{
    // A picture's tiles, or the sizes of two kinds of small pictures.
    private const int Kept = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, OnnxProgram Program)> _steps = [];
    private readonly Dictionary<string, OnnxProgram> _preparations = [];

    /// <summary>Records nothing yet.</summary>
    /// <param name="network">The network, which stays the caller's.</param>
    public RecordedDenoiser(ConditionalDenoiser network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
    }

    /// <summary>The network.</summary>
    public ConditionalDenoiser Network { get; }

    /// <summary>What stays the same over all evaluations; see <see cref="ConditionalDenoiser.Prepare"/>.</summary>
    /// <param name="degradation">[B, <see cref="ConditionalDenoiser.DegradationWidth"/>], or null.</param>
    /// <param name="content">[B, <see cref="ConditionalDenoiser.ContentWidth"/>], or null.</param>
    public DenoiserContext Prepare(Tensor? degradation, Tensor? content)
    {
        Tensor[] given = [.. new[] { degradation, content }.OfType<Tensor>()];
        if (given.Length == 0) return DenoiserContext.Empty;
        (bool hasDegradation, bool hasContent) = (degradation is not null, content is not null);
        DenoiserContext Record(IReadOnlyList<Tensor> inputs) =>
            Network.Prepare(hasDegradation ? inputs[0] : null, hasContent ? inputs[^1] : null);

        OnnxProgram program;
        bool prompted = hasDegradation && Network.DegradationWidth > 0;
        lock (_gate)
        {
            string key = $"{hasDegradation} {hasContent} {given[0].Size(0)}";
            if (!_preparations.TryGetValue(key, out program!))
            {
                _preparations[key] = program = OnnxProgram.Record("restorer's context", Shapes(given), inputs =>
                {
                    DenoiserContext context = Record(inputs);
                    return [.. new[] { context.Prompt }.OfType<Tensor>(), .. context.Content];
                });
            }
        }
        Tensor[] results = program.Run(given);
        return prompted && results.Length > 0 ? new DenoiserContext(results[0], results[1..]) : new DenoiserContext(null, results);
    }

    /// <summary>One evaluation; see <see cref="ConditionalDenoiser.Forward(Tensor, Tensor, Tensor, DenoiserContext)"/>.</summary>
    /// <param name="state">x_t [B, C, H, W].</param>
    /// <param name="condition">μ [B, C, H, W].</param>
    /// <param name="time">[B].</param>
    /// <param name="context">What <see cref="Prepare"/> gave.</param>
    /// <param name="cancellation">Takes effect within the computation.</param>
    public Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context, CancellationToken cancellation = default)
    {
        bool prompted = context.Prompt is not null;
        Tensor[] given = [state, condition, time, .. new[] { context.Prompt }.OfType<Tensor>(), .. context.Content];
        return ProgramFor(given, prompted).Run(given, cancellation: cancellation)[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, OnnxProgram program) in _steps) program.Dispose();
        foreach (OnnxProgram program in _preparations.Values) program.Dispose();
    }

    private OnnxProgram ProgramFor(Tensor[] given, bool prompted)
    {
        string key = prompted + string.Join(';', given.Select(each => string.Join(',', each.Shape.ToArray())));
        lock (_gate)
        {
            for (LinkedListNode<(string Key, OnnxProgram Program)>? at = _steps.First; at is not null; at = at.Next)
            {
                if (at.Value.Key != key) continue;
                _steps.Remove(at);
                _steps.AddFirst(at);
                return at.Value.Program;
            }
            OnnxProgram program = OnnxProgram.Record("restorer", Shapes(given), inputs => [Network.Forward(
                inputs[0], inputs[1], inputs[2],
                new DenoiserContext(prompted ? inputs[3] : null, [.. inputs.Skip(prompted ? 4 : 3)]))]);
            _steps.AddFirst((key, program));
            // Not disposed: another thread may be running it; it goes with its last user.
            if (_steps.Count > Kept) _steps.RemoveLast();
            return program;
        }
    }

    private static GraphInput[] Shapes(Tensor[] given) => [.. given.Select(each => new GraphInput(each.Shape.ToArray(), each.Type))];
}
