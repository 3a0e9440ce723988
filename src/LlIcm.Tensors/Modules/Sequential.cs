namespace LlIcm.Tensors.Modules;

/// <summary>Modules applied one after the other; children are named "0", "1", …</summary>
public sealed class Sequential : UnaryModule
{
    private readonly UnaryModule[] _modules;

    /// <summary>Chains modules.</summary>
    public Sequential(params UnaryModule[] modules)
    {
        _modules = modules;
        for (int i = 0; i < modules.Length; i++)
            Child(i.ToString(System.Globalization.CultureInfo.InvariantCulture), modules[i]);
    }

    /// <summary>The chained modules.</summary>
    public IReadOnlyList<UnaryModule> Modules => _modules;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Tensor current = input;
        foreach (UnaryModule module in _modules) current = module.Forward(current);
        return current;
    }
}
