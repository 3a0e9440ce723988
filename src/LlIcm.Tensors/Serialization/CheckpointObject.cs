namespace LlIcm.Tensors.Serialization;

/// <summary>
/// A module or other object in a TorchScript archive: its class is only a name here, its code is not read.
/// </summary>
/// <param name="className">Such as <c>__torch__.torch.nn.modules.linear.Linear</c>.</param>
public sealed class CheckpointObject(string className)
{
    private readonly OrderedDictionary<string, object?> _attributes = [];

    /// <summary>Such as <c>__torch__.torch.nn.modules.linear.Linear</c>.</summary>
    public string ClassName { get; } = className;

    /// <summary>Attributes by name; values as in <see cref="CheckpointTree"/>.</summary>
    public IReadOnlyDictionary<string, object?> Attributes => _attributes;

    internal void Set(string name, object? value) => _attributes[name] = value;
}
