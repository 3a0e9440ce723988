namespace LlIcm.Torch.Modules;

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
        // Without gradients an intermediate result is of no use after the next module: activations overwrite it, and its
        // memory goes back at once instead of at the end of the scope.
        bool recording = GradMode.IsEnabled;
        bool owned = false;
        Tensor current = input;
        foreach (UnaryModule module in _modules)
        {
            Tensor next = owned && !recording && module is Activation activation
                ? activation.Overwrite(current) : module.Forward(current);
            if (!recording && !ReferenceEquals(current, input) && !ReferenceEquals(next, current)) current.Dispose();
            // What other modules return may share its elements with the input.
            owned = module is Conv2d or ConvTranspose2d or Linear || (owned && module is Activation);
            current = next;
        }
        return current;
    }
}
