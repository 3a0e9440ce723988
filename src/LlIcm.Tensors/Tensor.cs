using System.Runtime.InteropServices;

namespace LlIcm.Tensors;

/// <summary>
/// A tensor of one of the engines. Owned: free it with <see cref="Dispose"/>, let the innermost <see cref="TensorScope"/> free it, or
/// (slowest) leave it to the collector. Methods carry the names PyTorch users know; those ending in an underscore there end in
/// <c>InPlace</c> here.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private TensorData _data;

    internal Tensor(TensorData data)
    {
        _data = data;
        TensorScope.Current?.Add(this);
    }

    /// <summary>The sizes of the dimensions; -1 where a recorded graph leaves one open.</summary>
    public ReadOnlySpan<long> Shape => _data.Shape;

    /// <summary>The number of dimensions.</summary>
    public int Rank => _data.Shape.Length;

    /// <summary>The number of elements.</summary>
    public long ElementCount
    {
        get
        {
            long count = 1;
            for (int i = 0; i < Rank; i++) count *= Size(i);
            return count;
        }
    }

    /// <summary>The element type.</summary>
    public ScalarType Type => _data.Type;

    /// <summary>Where the elements are.</summary>
    public Device Device => _data.Device;

    /// <summary>Whether gradients flow to this tensor.</summary>
    public bool RequiresGrad
    {
        get => _data.RequiresGrad;
        set => _data.RequiresGrad = value;
    }

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public bool IsContiguous => _data.IsContiguous;

    /// <summary>The gradient that <see cref="Backward"/> left, a new handle; null where there is none.</summary>
    public Tensor? Grad
    {
        get => _data.Grad is { } gradient ? new Tensor(gradient) : null;
        set => _data.Grad = value?._data;
    }

    /// <summary>Whether the tensor stands for a value of a graph that is being recorded.</summary>
    public bool IsSymbolic => _data.Engine.IsRecorder;

    /// <summary>Whether the elements are those of a weight file, where they lie in it.</summary>
    public bool IsStored => _data is HostTensor { File: not null };

    /// <summary>Whether the tensor was freed.</summary>
    public bool IsDisposed => _data.IsDisposed;

    /// <summary>What the engine holds.</summary>
    internal TensorData Data => _data;

    /// <summary>
    /// The result of a function that is not made of operators. Where these tensors are part of a graph that is being recorded, the
    /// graph is cut: the function is called in each of its runs.
    /// </summary>
    /// <param name="function">The function.</param>
    /// <param name="shape">The result's sizes; -1 for those that differ from run to run. Its elements are single-precision numbers.</param>
    /// <param name="inputs">What it is called with.</param>
    public static Tensor OnHost(HostFunction function, long[] shape, params Tensor[] inputs)
    {
        TensorEngine engine = inputs[0].Data.Engine;
        foreach (Tensor input in inputs)
            if (input.Data.Engine.Rank > engine.Rank) engine = input.Data.Engine;
        return engine.CallHost(function, inputs, shape);
    }

    /// <summary>The size of a dimension; negative ones count from the end.</summary>
    /// <exception cref="TensorException">A recorded graph leaves it open.</exception>
    public long Size(int dimension)
    {
        long[] shape = _data.Shape;
        long size = shape[dimension < 0 ? dimension + shape.Length : dimension];
        return size >= 0 ? size
            : throw new TensorException($"the size of dimension {dimension} of {this} differs from run to run of the recorded graph");
    }

    /// <summary>A copy of the elements as an array, row-major.</summary>
    /// <typeparam name="T">An unmanaged type of the elements' size.</typeparam>
    /// <exception cref="TensorException">The size of <typeparamref name="T"/> is not the elements'.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        var values = new T[ElementCount];
        CopyTo<T>(values);
        return values;
    }

    /// <summary>Copies the elements, row-major.</summary>
    /// <exception cref="TensorException">The destination's length in bytes is not the tensor's.</exception>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        // As bytes their number may exceed what a span can hold: then in parts.
        if ((long)destination.Length * sizeof(T) > int.MaxValue) throw new TensorException($"{this} is too large to be copied at once");
        _data.CopyTo(MemoryMarshal.AsBytes(destination));
    }

    /// <summary>
    /// The elements in place: of a contiguous CPU tensor, valid as long as the tensor is. Writing changes the tensor.
    /// </summary>
    /// <exception cref="TensorException">The tensor is elsewhere, or not contiguous.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (!IsContiguous) throw new TensorException("only a contiguous tensor can be read in place");
        return new Span<T>((void*)_data.Address, checked((int)ElementCount));
    }

    /// <summary>The address of the first element of a CPU tensor, for vector kernels; valid as long as the tensor is.</summary>
    /// <exception cref="TensorException">The tensor is elsewhere.</exception>
    public nint DataPointer() => _data.Address;

    /// <summary>Back-propagates from a scalar, or from <paramref name="gradient"/> of this shape.</summary>
    /// <exception cref="TensorException">There is no graph.</exception>
    public void Backward(Tensor? gradient = null, bool keepGraph = false) => _data.Backward(gradient?._data, keepGraph);

    /// <summary>The gradients with respect to <paramref name="inputs"/>, without touching their <see cref="Grad"/>.</summary>
    /// <returns>One gradient an input; null where the input does not matter.</returns>
    public Tensor?[] Gradients(IReadOnlyList<Tensor> inputs, Tensor? gradient = null, bool keepGraph = false) =>
        [.. _data.Gradients([.. inputs.Select(each => each._data)], gradient?._data, keepGraph)
            .Select(each => each is null ? null : new Tensor(each))];

    /// <summary>Another handle on the same elements.</summary>
    public Tensor Alias() => new(_data.Alias());

    /// <summary>This tensor if it is contiguous in host memory, or a copy that is.</summary>
    public Tensor ToHost()
    {
        if (_data is HostTensor { IsContiguous: true }) return this;
        if (_data is HostTensor) return Contiguous();
        var host = HostTensor.Allocate(Type, Shape.ToArray());
        _data.CopyTo(host.Bytes);
        return new Tensor(host);
    }

    /// <summary>Takes over <paramref name="other"/>'s elements; <paramref name="other"/> is disposed.</summary>
    public void ReplaceWith(Tensor other)
    {
        TensorData old = _data;
        _data = other._data.Alias();
        old.Dispose();
        other.Dispose();
    }

    /// <summary>Takes the tensor out of every scope: it lives until it is disposed.</summary>
    /// <returns>The tensor itself.</returns>
    public Tensor Unscoped()
    {
        TensorScope.Current?.Forget(this);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _data.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{string.Join(", ", _data.Shape.Select(size => size < 0 ? "?" : size.ToString(null, null)))}]";
}
