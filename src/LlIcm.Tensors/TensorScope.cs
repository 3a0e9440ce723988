namespace LlIcm.Tensors;

/// <summary>
/// Frees, when it ends, every tensor that was made inside it and not kept. Scopes nest and follow <c>await</c>.
/// </summary>
/// <example><code>
/// using var scope = new TensorScope();
/// Tensor result = scope.Keep(a.Matmul(b).Relu());   // the product is freed, the result survives
/// </code></example>
public sealed class TensorScope : IDisposable
{
    private static readonly AsyncLocal<TensorScope?> s_current = new();

    private readonly TensorScope? _outer;
    private readonly Lock _gate = new();
    private List<Tensor>? _tensors = [];

    /// <summary>Opens a scope inside the current one.</summary>
    public TensorScope()
    {
        _outer = s_current.Value;
        s_current.Value = this;
    }

    /// <summary>The innermost open scope.</summary>
    public static TensorScope? Current => s_current.Value;

    /// <summary>Lets a tensor outlive this scope: it moves to the outer one, or to nobody.</summary>
    /// <returns>The tensor itself.</returns>
    public Tensor Keep(Tensor tensor)
    {
        Forget(tensor);
        _outer?.Add(tensor);
        return tensor;
    }

    /// <summary>Frees the tensors, last in first out, and makes the outer scope current.</summary>
    public void Dispose()
    {
        List<Tensor>? tensors;
        lock (_gate)
        {
            tensors = _tensors;
            _tensors = null;
        }
        if (tensors is null) return;
        for (int i = tensors.Count - 1; i >= 0; i--) tensors[i].Dispose();
        if (ReferenceEquals(s_current.Value, this)) s_current.Value = _outer;
    }

    internal void Add(Tensor tensor)
    {
        lock (_gate) _tensors?.Add(tensor);
    }

    internal void Forget(Tensor tensor)
    {
        lock (_gate)
        {
            // Kept tensors are nearly always recent ones.
            int index = _tensors?.LastIndexOf(tensor) ?? -1;
            if (index >= 0) _tensors!.RemoveAt(index);
        }
    }
}
