namespace LlIcm.Tensors.Modules;

/// <summary>A module from one tensor to one tensor, usable in a <see cref="Sequential"/>.</summary>
public abstract class UnaryModule : Module
{
    /// <summary>Applies the module.</summary>
    public abstract Tensor Forward(Tensor input);
}
