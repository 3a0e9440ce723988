namespace LlIcm.Tensors;

/// <summary>Where a tensor lives: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
/// <param name="Name">libtorch's name of the device.</param>
public readonly record struct Device(string Name)
{
    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new("cpu");

    /// <summary>Whether this is the processor.</summary>
    public bool IsCpu => Name == "cpu";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
