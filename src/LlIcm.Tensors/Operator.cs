namespace LlIcm.Tensors;

/// <summary>
/// An ATen operator, named as in PyTorch's schema (<c>aten::conv2d</c>, overload <c>padding</c>). Leading arguments are given, the
/// schema's defaults stand for the rest. The engine of the tensors among the arguments carries it out.
/// </summary>
public sealed class Operator
{
    private const string Standard = "aten::";

    /// <summary>Names an operator; nothing is loaded yet.</summary>
    /// <param name="name">The name with its namespace, or without for <c>aten</c>.</param>
    /// <param name="overload">The overload's name, empty for the default one.</param>
    public Operator(string name, string overload = "")
    {
        Name = name.Contains("::", StringComparison.Ordinal) ? name : Standard + name;
        Overload = overload;
        Short = Name.StartsWith(Standard, StringComparison.Ordinal) ? Name[Standard.Length..] : Name;
    }

    /// <summary>The name with its namespace.</summary>
    public string Name { get; }

    /// <summary>The overload's name, empty for the default one.</summary>
    public string Overload { get; }

    /// <summary>The name, without <c>aten</c>'s namespace.</summary>
    internal string Short { get; }

    /// <summary>What an engine found under this name; 0 before it looked.</summary>
    internal nint Handle { get; set; }

    /// <summary>Calls and returns the only tensor.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public Tensor Call(params ReadOnlySpan<Argument> arguments) => new(TensorEngine.Of(arguments).Call(this, arguments));

    /// <summary>Calls and returns every tensor among the results, lists flattened.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public Tensor[] CallMany(params ReadOnlySpan<Argument> arguments)
    {
        TensorData[] results = TensorEngine.Of(arguments).CallMany(this, arguments);
        var tensors = new Tensor[results.Length];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(results[i]);
        return tensors;
    }

    /// <summary>Calls for the effect; whatever is returned is released.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public void Run(params ReadOnlySpan<Argument> arguments) => TensorEngine.Of(arguments).Run(this, arguments);

    /// <summary>Calls and returns the only number.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public double CallScalar(params ReadOnlySpan<Argument> arguments) => TensorEngine.Of(arguments).CallScalar(this, arguments);

    /// <inheritdoc/>
    public override string ToString() => Overload.Length == 0 ? Short : $"{Short}.{Overload}";
}
