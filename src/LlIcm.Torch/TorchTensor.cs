using System.Runtime.InteropServices;
using LlIcm.Tensors;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>A tensor of libtorch.</summary>
internal sealed unsafe class TorchTensor : TensorData
{
    private const int MaximalRank = 16;

    private readonly TensorHandle _handle;
    private long[]? _shape;
    private ScalarType _type;

    public TorchTensor(nint pointer) => _handle = new TensorHandle(NativeMethods.Check(pointer));

    public override TensorEngine Engine => TorchEngine.Instance;

    public override ScalarType Type
    {
        get
        {
            if (_shape is null) Describe();
            return _type;
        }
    }

    public override long[] Shape
    {
        get
        {
            if (_shape is null) Describe();
            return _shape!;
        }
    }

    public override Device Device
    {
        get
        {
            byte* text = stackalloc byte[32];
            NativeMethods.Check(NativeMethods.llt_device(_handle, text, 32));
            return new Device(Marshal.PtrToStringUTF8((nint)text)!);
        }
    }

    public override bool RequiresGrad
    {
        get => (Flags() & 1) != 0;
        set => NativeMethods.Check(NativeMethods.llt_set_requires_grad(_handle, value ? 1 : 0));
    }

    public override bool IsContiguous => (Flags() & 4) != 0;

    public override bool IsDisposed => _handle.IsClosed;

    public override TensorData? Grad
    {
        get
        {
            nint pointer = NativeMethods.llt_grad(_handle);
            return pointer == 0 ? null : new TorchTensor(pointer);
        }
        set
        {
            using TorchLease gradient = LeaseOf(value);
            NativeMethods.Check(NativeMethods.llt_set_grad(_handle, gradient.Pointer));
        }
    }

    public override nint Address
    {
        get
        {
            void* data = NativeMethods.llt_data(_handle);
            long count = 1;
            foreach (long size in Shape) count *= size;
            return data != null || count == 0 ? (nint)data : throw new TensorException(NativeMethods.LastError());
        }
    }

    /// <summary>A tensor that has to be one of libtorch's.</summary>
    /// <exception cref="TensorException">It is another engine's.</exception>
    public static TorchTensor Of(Tensor tensor) => Of(tensor.Data);

    /// <summary>Keeps the native tensor alive until the lease is disposed.</summary>
    public TorchLease Lease() => new(_handle);

    public override void CopyTo(Span<byte> destination)
    {
        fixed (byte* pointer = destination)
            NativeMethods.Check(NativeMethods.llt_to_host(_handle, pointer, destination.Length));
    }

    public override TensorData Alias() => new TorchTensor(NativeMethods.llt_alias(_handle));

    public override void Backward(TensorData? gradient, bool keepGraph)
    {
        using TorchLease given = LeaseOf(gradient);
        NativeMethods.Check(NativeMethods.llt_backward(_handle, given.Pointer, keepGraph ? 1 : 0));
    }

    public override TensorData?[] Gradients(IReadOnlyList<TensorData> inputs, TensorData? gradient, bool keepGraph)
    {
        var wanted = new nint[inputs.Count];
        var found = new nint[inputs.Count];
        var leases = new List<TorchLease>(inputs.Count);
        try
        {
            for (int i = 0; i < wanted.Length; i++)
            {
                leases.Add(Of(inputs[i]).Lease());
                wanted[i] = leases[i].Pointer;
            }
            using TorchLease given = LeaseOf(gradient);
            fixed (nint* from = wanted, to = found)
                NativeMethods.Check(NativeMethods.llt_gradients(_handle, given.Pointer, from, wanted.Length, keepGraph ? 1 : 0, to));
        }
        finally
        {
            foreach (TorchLease lease in leases) lease.Dispose();
        }
        return [.. found.Select(pointer => pointer == 0 ? null : new TorchTensor(pointer))];
    }

    public override void Dispose() => _handle.Dispose();

    private static TorchTensor Of(TensorData data) =>
        data as TorchTensor ?? throw new TensorException($"a tensor of {data.Engine.Name} stands where libtorch needs its own");

    private static TorchLease LeaseOf(TensorData? data) => data is null ? default : Of(data).Lease();

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
