namespace LlIcm.Tensors;

/// <summary>
/// Computes in host memory what stands around the networks: SDE steps, gains, tiles, constants of a layer. Its operators are those
/// that this needs, without gradients; networks are recorded as graphs and run elsewhere.
/// </summary>
public sealed class HostEngine : TensorEngine
{
    private delegate HostTensor Function(ReadOnlySpan<Argument> arguments);

    private static readonly Dictionary<string, Function> s_functions = HostFunctions();
    private static readonly Dictionary<string, Func<Argument[], HostTensor[]>> s_many = HostShapes.Many();

    private HostEngine()
    {
    }

    /// <summary>The engine.</summary>
    public static HostEngine Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "the host engine";

    /// <inheritdoc/>
    public override int Rank => 0;

    /// <summary>Seeds what fills new parameters.</summary>
    public static void Seed(int seed) => HostCreation.Random = new Random(seed);

    /// <inheritdoc/>
    public override TensorData Call(Operator called, ReadOnlySpan<Argument> arguments)
    {
        if (s_functions.TryGetValue(called.Short, out Function? function)) return function(arguments);
        return CallMany(called, arguments) is [var only] ? only : throw new TensorException($"{called} returned no tensor");
    }

    /// <inheritdoc/>
    public override TensorData[] CallMany(Operator called, ReadOnlySpan<Argument> arguments) =>
        s_many.TryGetValue(called.Short, out Func<Argument[], HostTensor[]>? function)
            ? function(arguments.ToArray())
            : throw new TensorException($"{called} is not computed in host memory{Describe(arguments)}");

    /// <inheritdoc/>
    public override void Run(Operator called, ReadOnlySpan<Argument> arguments)
    {
        HostTensor target = arguments.Tensor(0);
        // What an operator with an underscore leaves in its first argument is what the one without returns.
        using HostTensor result = (HostTensor)Call(new Operator(called.Short.TrimEnd('_'), called.Overload), arguments);
        using HostTensor typed = HostMath.Convert(result, target.Type);
        using HostTensor shaped = HostShapes.Expand(typed, target.Shape);
        using HostTensor packed = shaped.Packed();
        target.Assign(packed);
    }

    /// <inheritdoc/>
    public override double CallScalar(Operator called, ReadOnlySpan<Argument> arguments)
    {
        HostTensor tensor = arguments.Tensor(0);
        if (called.Short != "item" || tensor.Count != 1) throw new TensorException($"{called} returned no number");
        using HostTensor wide = HostMath.Convert(tensor, ScalarType.Double);
        using HostTensor packed = wide.Packed();
        return packed.Elements<double>()[0];
    }

    /// <inheritdoc/>
    public override TensorData Create(ReadOnlySpan<byte> elements, ScalarType type, ReadOnlySpan<long> shape, Device device)
    {
        if (!device.IsCpu) throw new TensorException($"{Name} has no device {device}");
        HostTensor tensor = HostTensor.Allocate(type, shape.ToArray());
        elements.CopyTo(tensor.Bytes);
        return tensor;
    }

    private static Dictionary<string, Function> HostFunctions()
    {
        var functions = new Dictionary<string, Function>(StringComparer.Ordinal);
        foreach ((string name, Func<Argument[], HostTensor> function) in
            HostCreation.All().Concat(HostMath.All()).Concat(HostReduction.All()).Concat(HostShapes.All()))
            functions.Add(name, arguments => function(arguments.ToArray()));
        return functions;
    }

    private static string Describe(ReadOnlySpan<Argument> arguments)
    {
        var shapes = new List<string>();
        foreach (ref readonly Argument argument in arguments)
            if (argument.Describe() is { } shape) shapes.Add(shape);
        return shapes.Count == 0 ? "" : "; arguments: " + string.Join(", ", shapes);
    }
}
