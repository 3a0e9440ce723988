using System.Runtime.InteropServices;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>
/// A libtorch tensor. Owned: free it with <see cref="Dispose"/>, let the innermost <see cref="TensorScope"/> free it, or
/// (slowest) leave it to the collector. Methods carry the names PyTorch users know; those ending in an underscore there end in
/// <c>InPlace</c> here.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private const int MaximalRank = 16;

    private TensorHandle _handle;
    private long[]? _shape;
    private ScalarType _type;

    internal Tensor(nint pointer)
    {
        _handle = new TensorHandle(NativeMethods.Check(pointer));
        TensorScope.Current?.Add(this);
    }

    /// <summary>The number of tensors that are alive, for leak checks.</summary>
    public static long LiveCount => TensorHandle.Live;

    /// <summary>The sizes of the dimensions.</summary>
    public ReadOnlySpan<long> Shape => Sizes;

    /// <summary>The number of dimensions.</summary>
    public int Rank => Sizes.Length;

    /// <summary>The number of elements.</summary>
    public long ElementCount
    {
        get
        {
            long count = 1;
            foreach (long size in Sizes) count *= size;
            return count;
        }
    }

    /// <summary>The element type.</summary>
    public ScalarType Type
    {
        get
        {
            _ = Sizes;
            return _type;
        }
    }

    /// <summary>Where the elements are.</summary>
    public Device Device
    {
        get
        {
            byte* text = stackalloc byte[32];
            NativeMethods.Check(NativeMethods.llt_device(_handle, text, 32));
            return new Device(Marshal.PtrToStringUTF8((nint)text)!);
        }
    }

    /// <summary>Whether gradients flow to this tensor.</summary>
    public bool RequiresGrad
    {
        get => (Flags() & 1) != 0;
        set => NativeMethods.Check(NativeMethods.llt_set_requires_grad(_handle, value ? 1 : 0));
    }

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public bool IsContiguous => (Flags() & 4) != 0;

    /// <summary>The gradient that <see cref="Backward"/> left, a new handle; null where there is none.</summary>
    public Tensor? Grad
    {
        get
        {
            nint pointer = NativeMethods.llt_grad(_handle);
            return pointer == 0 ? null : new Tensor(pointer);
        }
        set
        {
            NativeMethods.Check(NativeMethods.llt_set_grad(_handle, value?.Acquire() ?? 0));
            value?.ReleaseAcquired();
        }
    }

    /// <summary>Whether the tensor was freed.</summary>
    public bool IsDisposed => _handle.IsClosed;

    private long[] Sizes
    {
        get
        {
            if (_shape is null) Describe();
            return _shape!;
        }
    }

    /// <summary>The size of a dimension; negative ones count from the end.</summary>
    public long Size(int dimension) => Sizes[dimension < 0 ? dimension + Sizes.Length : dimension];

    /// <summary>A copy of the elements as an array, row-major.</summary>
    /// <typeparam name="T">An unmanaged type of the elements' size.</typeparam>
    /// <exception cref="TorchException">The size of <typeparamref name="T"/> is not the elements'.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        var values = new T[ElementCount];
        CopyTo<T>(values);
        return values;
    }

    /// <summary>Copies the elements, row-major.</summary>
    /// <exception cref="TorchException">The destination's length in bytes is not the tensor's.</exception>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        fixed (T* pointer = destination)
            NativeMethods.Check(NativeMethods.llt_to_host(_handle, pointer, (long)destination.Length * sizeof(T)));
    }

    /// <summary>
    /// The elements in place: of a contiguous CPU tensor, valid as long as the tensor is. Writing changes the tensor.
    /// </summary>
    /// <exception cref="TorchException">The tensor is elsewhere, or not contiguous.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        if (!IsContiguous) throw new TorchException("only a contiguous tensor can be read in place");
        void* data = NativeMethods.llt_data(_handle);
        if (data == null && ElementCount > 0) throw new TorchException(NativeMethods.LastError());
        return new Span<T>(data, checked((int)ElementCount));
    }

    /// <summary>The address of the first element of a CPU tensor, for vector kernels; valid as long as the tensor is.</summary>
    /// <exception cref="TorchException">The tensor is elsewhere.</exception>
    public nint DataPointer()
    {
        void* data = NativeMethods.llt_data(_handle);
        if (data == null && ElementCount > 0) throw new TorchException(NativeMethods.LastError());
        return (nint)data;
    }

    /// <summary>Back-propagates from a scalar, or from <paramref name="gradient"/> of this shape.</summary>
    /// <exception cref="TorchException">There is no graph.</exception>
    public void Backward(Tensor? gradient = null, bool keepGraph = false)
    {
        NativeMethods.Check(NativeMethods.llt_backward(_handle, gradient?.Acquire() ?? 0, keepGraph ? 1 : 0));
        gradient?.ReleaseAcquired();
    }

    /// <summary>The gradients with respect to <paramref name="inputs"/>, without touching their <see cref="Grad"/>.</summary>
    /// <returns>One gradient an input; null where the input does not matter.</returns>
    public Tensor?[] Gradients(IReadOnlyList<Tensor> inputs, Tensor? gradient = null, bool keepGraph = false)
    {
        nint* wanted = stackalloc nint[inputs.Count];
        nint* found = stackalloc nint[inputs.Count];
        for (int i = 0; i < inputs.Count; i++) wanted[i] = inputs[i].Acquire();
        try
        {
            NativeMethods.Check(NativeMethods.llt_gradients(
                _handle, gradient?.Acquire() ?? 0, wanted, inputs.Count, keepGraph ? 1 : 0, found));
        }
        finally
        {
            foreach (Tensor input in inputs) input.ReleaseAcquired();
            gradient?.ReleaseAcquired();
        }
        var gradients = new Tensor?[inputs.Count];
        for (int i = 0; i < gradients.Length; i++) gradients[i] = found[i] == 0 ? null : new Tensor(found[i]);
        return gradients;
    }

    /// <summary>Another handle on the same elements.</summary>
    public Tensor Alias() => new(NativeMethods.llt_alias(_handle));

    /// <summary>Takes over <paramref name="other"/>'s elements; <paramref name="other"/> is disposed.</summary>
    public void ReplaceWith(Tensor other)
    {
        TensorHandle old = _handle;
        _handle = new TensorHandle(NativeMethods.Check(NativeMethods.llt_alias(other._handle)));
        _shape = null;
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
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{string.Join(", ", Sizes)}]";

    internal nint Acquire()
    {
        bool held = false;
        _handle.DangerousAddRef(ref held);
        return _handle.DangerousGetHandle();
    }

    internal void ReleaseAcquired() => _handle.DangerousRelease();

    private int Flags()
    {
        long* sizes = stackalloc long[MaximalRank];
        int type, flags;
        NativeMethods.Check(NativeMethods.llt_describe(_handle, sizes, MaximalRank, &type, &flags));
        return flags;
    }

    private void Describe()
    {
        long* sizes = stackalloc long[MaximalRank];
        int type, flags;
        int rank = NativeMethods.Check(NativeMethods.llt_describe(_handle, sizes, MaximalRank, &type, &flags));
        var shape = new long[rank];
        for (int i = 0; i < rank; i++) shape[i] = sizes[i];
        _type = (ScalarType)type;
        _shape = shape;
    }
}
