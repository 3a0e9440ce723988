using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>
/// The engine that writes down instead of computing: the same calls that libtorch computes become an ONNX graph. What depends on no
/// input is computed at once and becomes a constant.
/// </summary>
internal sealed class GraphRecorder : TensorEngine
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<HostCall> _calls = [];
    private readonly Dictionary<TensorData, GraphValue> _constants = new(ReferenceEqualityComparer.Instance);
    private int _names;

    public override string Name => "the graph recorder";

    // A graph takes the others' tensors as constants.
    public override int Rank => 2;

    public override bool IsRecorder => true;

    /// <summary>The operators, in an order in which they can be computed.</summary>
    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The calls on the host, in order.</summary>
    public IReadOnlyList<HostCall> Calls => _calls;

    public override TensorData Call(Operator called, ReadOnlySpan<Argument> arguments)
    {
        GraphValue[] results = GraphOperators.Record(this, called, arguments);
        return results is [GraphValue only] ? new SymbolicTensor(this, only) : throw new TensorException($"{called} has {results.Length} results");
    }

    public override TensorData[] CallMany(Operator called, ReadOnlySpan<Argument> arguments) =>
        [.. GraphOperators.Record(this, called, arguments).Select(each => new SymbolicTensor(this, each))];

    public override void Run(Operator called, ReadOnlySpan<Argument> arguments) =>
        throw new TensorException($"{called} changes a tensor in place, which a graph cannot: the forward pass has to be differentiable");

    public override double CallScalar(Operator called, ReadOnlySpan<Argument> arguments) =>
        throw new TensorException($"{called} asks for a number that differs from run to run of the recorded graph");

    public override TensorData Create(ReadOnlySpan<byte> elements, ScalarType type, ReadOnlySpan<long> shape, Device device) =>
        throw new NotSupportedException("constants are made by the engine that was current before the recording");

    public override Tensor CallHost(HostFunction function, IReadOnlyList<Tensor> inputs, long[] shape)
    {
        GraphValue[] values = [.. inputs.Select(ValueOf)];
        var output = new GraphValue($"host{_calls.Count}", ScalarType.Float, shape, _calls.Count + 1);
        _calls.Add(new HostCall(function, values, output));
        return new Tensor(new SymbolicTensor(this, output));
    }

    /// <summary>A new input.</summary>
    public (Tensor Tensor, GraphValue Value) Input(string name, GraphInput input)
    {
        var value = new GraphValue(name, input.Type, input.Shape, 0);
        return (new Tensor(new SymbolicTensor(this, value)), value);
    }

    /// <summary>The value that a tensor stands for; a constant for those of other engines.</summary>
    public GraphValue ValueOf(Tensor tensor)
    {
        if (tensor.Data is SymbolicTensor symbolic)
            return ReferenceEquals(symbolic.Engine, this) ? symbolic.Value : throw new TensorException("a tensor of another graph");
        if (_constants.TryGetValue(tensor.Data, out GraphValue? known)) return known;
        using Tensor host = tensor.Data is HostTensor ? tensor.Alias().Unscoped() : tensor.ToHost().Unscoped();
        GraphValue value = Constant((HostTensor)host.Data.Alias());
        // Graphs compute in single precision: narrower weights stay where they are and are widened when the session is made.
        if (value.Type is ScalarType.Half or ScalarType.BFloat16)
            value = Emit("Cast", [value], ScalarType.Float, value.Shape, ("to", (long)ModelWriter.TypeOf(ScalarType.Float)));
        _constants[tensor.Data] = value;
        return value;
    }

    /// <summary>A constant; takes over the reference.</summary>
    public GraphValue Constant(HostTensor tensor) =>
        new($"c{_names++}", tensor.Type, tensor.Shape, 0) { Constant = tensor };

    /// <summary>A constant of integers, such as a shape.</summary>
    public GraphValue Constant(params long[] values)
    {
        HostTensor tensor = HostTensor.Allocate(ScalarType.Long, values.Length);
        values.CopyTo(tensor.Elements<long>());
        return Constant(tensor);
    }

    /// <summary>A constant without dimensions.</summary>
    public GraphValue Scalar(double value, ScalarType type)
    {
        HostTensor tensor = HostTensor.Allocate(type);
        HostMath.Store(tensor, _ => value);
        return Constant(tensor);
    }

    /// <summary>An operator with one result.</summary>
    public GraphValue Emit(
        string name, GraphValue?[] inputs, ScalarType type, long[] shape, params IReadOnlyList<(string, object)> attributes) =>
        EmitMany(name, inputs, [(type, shape)], attributes)[0];

    /// <summary>An operator with several results.</summary>
    public GraphValue[] EmitMany(
        string name, GraphValue?[] inputs, IReadOnlyList<(ScalarType Type, long[] Shape)> outputs, params IReadOnlyList<(string, object)> attributes)
    {
        int stage = inputs.Max(input => input?.Stage ?? 0);
        GraphValue[] results = [.. outputs.Select(each => new GraphValue($"v{_names++}", each.Type, each.Shape, stage))];
        var node = new GraphNode(name, inputs, results, attributes, stage);
        foreach (GraphValue result in results) result.Producer = node;
        _nodes.Add(node);
        return results;
    }
}
