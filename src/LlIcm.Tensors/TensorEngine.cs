namespace LlIcm.Tensors;

/// <summary>
/// Where operators are carried out. An operator goes to the engine of its tensors; one without tensors, which makes a tensor, to the
/// current one: in host memory, or libtorch's where a program trains.
/// </summary>
public abstract class TensorEngine
{
    private static readonly AsyncLocal<TensorEngine?> s_current = new();
    private static TensorEngine s_default = HostEngine.Instance;

    /// <summary>The engine that makes tensors, unless <see cref="Use"/> names another.</summary>
    public static TensorEngine Default
    {
        get => s_default;
        set => s_default = value;
    }

    /// <summary>The engine that makes tensors here.</summary>
    public static TensorEngine Current => s_current.Value ?? s_default;

    /// <summary>The engine's name, for error texts.</summary>
    public abstract string Name { get; }

    /// <summary>Whose arguments an operator may take: the engine of the highest rank among them carries it out.</summary>
    public abstract int Rank { get; }

    /// <summary>Whether its tensors stand for values of a graph that is being recorded.</summary>
    public virtual bool IsRecorder => false;

    /// <summary>Whether gradients are recorded; code that overwrites in place asks first.</summary>
    public virtual bool RecordsGradients => true;

    /// <summary>Makes this the engine of new tensors, here and in what is awaited, until disposed.</summary>
    public IDisposable Use() => new Region(this);

    /// <summary>Switches the recording of gradients on this thread.</summary>
    /// <returns>What it was before.</returns>
    public virtual bool SetGradMode(bool on) => RecordsGradients;

    /// <summary>Switches narrower types on this thread.</summary>
    /// <returns>Whether they were on before.</returns>
    public virtual bool SetAutocast(Device device, ScalarType type, bool enabled) =>
        enabled ? throw new TensorException($"{Name} has no narrower types") : false;

    /// <summary>Carries out an operator with one tensor as its result.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public abstract TensorData Call(Operator called, ReadOnlySpan<Argument> arguments);

    /// <summary>Carries out an operator with several tensors as its results.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public abstract TensorData[] CallMany(Operator called, ReadOnlySpan<Argument> arguments);

    /// <summary>Carries out an operator for its effect on its first argument.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public abstract void Run(Operator called, ReadOnlySpan<Argument> arguments);

    /// <summary>Carries out an operator with a number as its result.</summary>
    /// <exception cref="TensorException">The arguments are refused.</exception>
    public abstract double CallScalar(Operator called, ReadOnlySpan<Argument> arguments);

    /// <summary>A tensor with a copy of these elements.</summary>
    public abstract TensorData Create(ReadOnlySpan<byte> elements, ScalarType type, ReadOnlySpan<long> shape, Device device);

    /// <summary>Calls a function that is not made of operators with tensors in host memory; see <see cref="Tensor.OnHost"/>.</summary>
    public virtual Tensor CallHost(HostFunction function, IReadOnlyList<Tensor> inputs, long[] shape)
    {
        Tensor[] host = [.. inputs.Select(each => each.ToHost())];
        return function(null, host);
    }

    /// <summary>The engine that carries out a call.</summary>
    internal static TensorEngine Of(ReadOnlySpan<Argument> arguments)
    {
        TensorEngine? found = null;
        foreach (ref readonly Argument argument in arguments)
        {
            if (argument.Value is Tensor tensor)
            {
                Prefer(ref found, tensor);
            }
            else if (argument.Value is Tensor?[] tensors)
            {
                foreach (Tensor? each in tensors)
                    if (each is not null) Prefer(ref found, each);
            }
        }
        return found ?? Current;
    }

    private static void Prefer(ref TensorEngine? found, Tensor tensor)
    {
        TensorEngine engine = tensor.Data.Engine;
        if (found is null || engine.Rank > found.Rank) found = engine;
    }

    private sealed class Region : IDisposable
    {
        private readonly TensorEngine? _before = s_current.Value;

        public Region(TensorEngine engine) => s_current.Value = engine;

        public void Dispose() => s_current.Value = _before;
    }
}
