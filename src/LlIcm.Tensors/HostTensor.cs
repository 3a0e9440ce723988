using LlIcm.Tensors.Serialization;

namespace LlIcm.Tensors;

/// <summary>Elements in host memory, in any order that strides describe. Its memory comes with its first use.</summary>
internal sealed unsafe class HostTensor : TensorData
{
    private readonly long[] _strides;
    private readonly long _offset;
    private HostMemory? _memory;
    private bool _disposed;

    private HostTensor(HostMemory? memory, ScalarType type, long[] shape, long[] strides, long offset)
    {
        (_memory, Type, Shape, _strides, _offset) = (memory, type, shape, strides, offset);
        Count = ScalarTypes.CountOf(shape) ?? throw new TensorException($"[{string.Join(", ", shape)}] is no shape");
    }

    public override TensorEngine Engine => HostEngine.Instance;

    public override ScalarType Type { get; }

    public override long[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>Elements from one index of a dimension to the next.</summary>
    public ReadOnlySpan<long> Strides => _strides;

    public override bool IsDisposed => _disposed;

    public override bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int d = Shape.Length - 1; d >= 0; d--)
            {
                if (Shape[d] == 0) return true;
                if (Shape[d] != 1 && _strides[d] != expected) return false;
                expected *= Shape[d];
            }
            return true;
        }
    }

    public override nint Address => Memory.Address + (nint)(_offset * Type.Size());

    /// <summary>The elements of a contiguous tensor as bytes.</summary>
    public Span<byte> Bytes => new((void*)Address, checked((int)(Count * Type.Size())));

    private HostMemory Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Tensor));
            return _memory ??= HostMemory.Allocate(Count * Type.Size());
        }
    }

    /// <summary>A contiguous tensor whose elements are to be filled in.</summary>
    public static HostTensor Allocate(ScalarType type, params long[] shape) => new(null, type, shape, RowMajor(shape), 0);

    /// <summary>A contiguous tensor in memory that something else owns.</summary>
    public static HostTensor Of(nint address, ScalarType type, long[] shape, IDisposable owner)
    {
        long bytes = type.Size();
        foreach (long size in shape) bytes *= size;
        return new HostTensor(HostMemory.Of(address, bytes, owner), type, shape, RowMajor(shape), 0);
    }

    /// <summary>A contiguous tensor whose elements are a file's.</summary>
    public static HostTensor Of(FileMemory memory, ScalarType type, long[] shape) => Of(memory.Address, type, shape, memory);

    /// <summary>Which file these elements lie in, row-major, and where; null for none.</summary>
    public (string Path, long Offset)? File =>
        _memory?.File is { } file && IsContiguous ? (file.Path, file.Offset + _offset * Type.Size()) : null;

    /// <summary>The elements of a contiguous tensor.</summary>
    public Span<T> Elements<T>() where T : unmanaged => new((void*)Address, checked((int)Count));

    /// <summary>Another view of the same memory.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="strides">The distances.</param>
    /// <param name="offset">Elements from this view's first to the other's.</param>
    public HostTensor View(long[] shape, long[] strides, long offset = 0) =>
        new(Memory.Share(), Type, shape, strides, _offset + offset);

    public override TensorData Alias() => View(Shape, _strides);

    public override void CopyTo(Span<byte> destination)
    {
        if (destination.Length != Count * Type.Size())
            throw new TensorException($"{destination.Length} bytes do not hold {Type} [{string.Join(", ", Shape)}]");
        if (IsContiguous) Bytes.CopyTo(destination);
        else
            fixed (byte* target = destination)
                CopyStrided((byte*)Address, _strides, target, RowMajor(Shape));
    }

    /// <summary>This tensor if its elements lie row-major, or a copy in which they do; the caller owns what it gets.</summary>
    public HostTensor Packed()
    {
        if (IsContiguous) return View(Shape, RowMajor(Shape));
        HostTensor packed = Allocate(Type, Shape);
        CopyStrided((byte*)Address, _strides, (byte*)packed.Address, packed._strides);
        return packed;
    }

    /// <summary>Takes over the elements of a contiguous tensor of this type and shape.</summary>
    public void Assign(HostTensor packed)
    {
        if (Count == 0) return;
        if (_memory?.File is not null)
        {
            // A file's bytes: from the first change on the tensor has its own.
            if (_offset != 0 || !IsContiguous || Count * Type.Size() != _memory.Bytes)
                throw new TensorException("a part of a stored tensor cannot be changed");
            _memory.Leave();
            _memory = null;
        }
        if (IsContiguous) Buffer.MemoryCopy((void*)packed.Address, (void*)Address, Count * Type.Size(), Count * Type.Size());
        else CopyStrided((byte*)packed.Address, packed._strides, (byte*)Address, _strides);
    }

    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _memory?.Leave();
    }

    /// <summary>The strides of a contiguous tensor.</summary>
    public static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = step;
            step *= Math.Max(shape[d], 1);
        }
        return strides;
    }

    private void CopyStrided(byte* from, long[] fromStrides, byte* to, long[] toStrides)
    {
        if (Count == 0) return;
        int size = Type.Size(), rank = Shape.Length;
        // Dimensions that lie together on both sides are copied as one.
        long run = 1;
        int inner = rank;
        while (inner > 0 && (Shape[inner - 1] == 1 || (fromStrides[inner - 1] == run && toStrides[inner - 1] == run)))
        {
            inner--;
            run *= Shape[inner];
        }
        Copy(0, from, to);

        void Copy(int d, byte* source, byte* target)
        {
            if (d == inner)
            {
                Buffer.MemoryCopy(source, target, run * size, run * size);
                return;
            }
            if (d == rank - 1)
            {
                CopyRow(source, fromStrides[d], target, toStrides[d], Shape[d], size);
                return;
            }
            for (long i = 0; i < Shape[d]; i++)
                Copy(d + 1, source + i * fromStrides[d] * size, target + i * toStrides[d] * size);
        }
    }

    private static void CopyRow(byte* source, long step, byte* target, long targetStep, long count, int size)
    {
        switch (size)
        {
            case 4:
                for (long i = 0; i < count; i++) ((uint*)target)[i * targetStep] = ((uint*)source)[i * step];
                break;
            case 8:
                for (long i = 0; i < count; i++) ((ulong*)target)[i * targetStep] = ((ulong*)source)[i * step];
                break;
            case 2:
                for (long i = 0; i < count; i++) ((ushort*)target)[i * targetStep] = ((ushort*)source)[i * step];
                break;
            default:
                for (long i = 0; i < count; i++) target[i * targetStep] = source[i * step];
                break;
        }
    }
}
