namespace LlIcm.Tensors.Modules;

/// <summary>
/// A part of a network: parameters, buffers and children under the names of PyTorch's <c>state_dict</c>.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> _parameters = [];
    private readonly List<(string Name, Tensor Tensor)> _buffers = [];
    private readonly List<(string Name, Module Module)> _children = [];

    /// <summary>Whether the module is in training mode (noise instead of rounding, and so on).</summary>
    public bool Training { get; private set; }

    /// <summary>
    /// Own and inherited parameters with their full names, in definition order. One that is reachable by two names (a
    /// child registered twice) is listed once, under the first.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedParameters(string prefix = "") =>
        AllParameters(prefix).DistinctBy(each => each.Tensor);

    /// <summary>Own and inherited buffers with their full names, in definition order; each once.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedBuffers(string prefix = "") =>
        AllBuffers(prefix).DistinctBy(each => each.Tensor);

    /// <summary>
    /// Parameters and buffers: what a checkpoint holds. A shared tensor is listed under each of its names.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> StateDict() => AllParameters("").Concat(AllBuffers(""));

    /// <summary>The parameters, for an optimiser.</summary>
    public IEnumerable<Tensor> Parameters() => NamedParameters().Select(each => each.Tensor);

    /// <summary>This module and all below it, with their full names.</summary>
    public IEnumerable<(string Name, Module Module)> NamedModules(string prefix = "")
    {
        yield return (prefix.TrimEnd('.'), this);
        foreach ((string name, Module child) in _children)
            foreach (var each in child.NamedModules(prefix + name + ".")) yield return each;
    }

    /// <summary>Switches training mode, here and below.</summary>
    public void Train(bool on = true)
    {
        Training = on;
        foreach ((_, Module child) in _children) child.Train(on);
    }

    /// <summary>Switches to inference mode, here and below.</summary>
    public void Eval() => Train(false);

    /// <summary>Marks every parameter as trainable or frozen.</summary>
    public void RequireGrad(bool on = true)
    {
        foreach (Tensor parameter in Parameters()) parameter.RequiresGrad = on;
    }

    /// <summary>Moves parameters and buffers to a device; floating-point ones to a type, if one is given.</summary>
    public void To(Device device, ScalarType? type = null)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        foreach ((_, Tensor tensor) in StateDict().DistinctBy(each => each.Tensor).ToList())
        {
            bool floating = tensor.Type is ScalarType.Float or ScalarType.Half or ScalarType.BFloat16 or ScalarType.Double;
            bool grad = tensor.RequiresGrad;
            Tensor moved = tensor.Detach().To(device, floating ? type ?? tensor.Type : tensor.Type);
            tensor.ReplaceWith(moved);
            if (grad) tensor.RequiresGrad = true;
        }
    }

    /// <summary>Copies a checkpoint's tensors in, by name. Types are converted; shapes must be equal.</summary>
    /// <param name="find">
    /// Gives the stored tensor of a name, or null; called once a name. The result is disposed. A tensor with several
    /// names is taken from the first that is stored.
    /// </param>
    /// <param name="strict">Whether a name without stored tensor is an error.</param>
    /// <exception cref="TensorException">A tensor is missing or has another shape; the message names it.</exception>
    public void LoadState(Func<string, Tensor?> find, bool strict = true)
    {
        using var noGrad = GradMode.Disable();
        var loaded = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach ((string name, Tensor tensor) in StateDict())
        {
            if (loaded.Contains(tensor)) continue;
            using Tensor? stored = find(name)?.Unscoped();
            if (stored is null) continue;
            loaded.Add(tensor);
            bool same = stored.Shape.SequenceEqual(tensor.Shape);
            // In host memory a file's own bytes do.
            if (same && stored.Type == tensor.Type && stored.Data is HostTensor && tensor.Data is HostTensor) tensor.ReplaceWith(stored);
            else if (same) tensor.CopyInPlace(stored);
            else if (AcceptsResize(name)) Resize(tensor, stored);
            else Fit(name, tensor, stored);
        }
        if (!strict) return;
        foreach ((string name, Tensor tensor) in StateDict())
            if (!loaded.Contains(tensor)) throw new TensorException($"the weights lack '{name}' {tensor}");
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        foreach ((_, Tensor tensor) in StateDict()) tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Registers a parameter: it belongs to no scope and requires gradients once training asks for them.
    /// </summary>
    protected Tensor Parameter(string name, Tensor tensor)
    {
        CheckName(name);
        _parameters.Add((name, tensor.Unscoped()));
        return tensor;
    }

    /// <summary>Registers a tensor that is saved but not trained.</summary>
    protected Tensor Buffer(string name, Tensor tensor)
    {
        CheckName(name);
        _buffers.Add((name, tensor.Unscoped()));
        return tensor;
    }

    /// <summary>Registers a child.</summary>
    protected T Child<T>(string name, T module) where T : Module
    {
        CheckName(name);
        _children.Add((name, module));
        return module;
    }

    /// <summary>
    /// Whether a buffer takes whatever shape the checkpoint has (tables whose size depends on the data).
    /// </summary>
    protected virtual bool AcceptsResize(string name) =>
        _children.Any(child => name.StartsWith(child.Name + ".", StringComparison.Ordinal)
            && child.Module.AcceptsResize(name[(child.Name.Length + 1)..]));

    /// <summary>
    /// Makes a stored tensor of another shape fit (a position table of another picture size): gives a new tensor of the
    /// parameter's shape, or null where there is no meaningful way.
    /// </summary>
    protected virtual Tensor? Adapt(string name, Tensor stored)
    {
        foreach ((string childName, Module child) in _children)
        {
            if (name.StartsWith(childName + ".", StringComparison.Ordinal))
                return child.Adapt(name[(childName.Length + 1)..], stored);
        }
        return null;
    }

    private void Fit(string name, Tensor tensor, Tensor stored)
    {
        using var scope = new TensorScope();
        if (Adapt(name, stored) is not { } adapted || !adapted.Shape.SequenceEqual(tensor.Shape))
            throw new TensorException($"'{name}' is {stored} in the weights, {tensor} in the model");
        tensor.CopyInPlace(adapted);
    }

    private IEnumerable<(string Name, Tensor Tensor)> AllParameters(string prefix)
    {
        foreach ((string name, Tensor tensor) in _parameters) yield return (prefix + name, tensor);
        foreach ((string name, Module child) in _children)
            foreach (var each in child.AllParameters(prefix + name + ".")) yield return each;
    }

    private IEnumerable<(string Name, Tensor Tensor)> AllBuffers(string prefix)
    {
        foreach ((string name, Tensor tensor) in _buffers) yield return (prefix + name, tensor);
        foreach ((string name, Module child) in _children)
            foreach (var each in child.AllBuffers(prefix + name + ".")) yield return each;
    }

    private static void Resize(Tensor tensor, Tensor stored) => tensor.ReplaceWith(stored.To(tensor.Type).Clone());

    private void CheckName(string name)
    {
        bool taken = _parameters.Any(each => each.Name == name) || _buffers.Any(each => each.Name == name)
            || _children.Any(each => each.Name == name);
        if (taken) throw new ArgumentException($"'{name}' is registered twice in {GetType().Name}");
    }
}
