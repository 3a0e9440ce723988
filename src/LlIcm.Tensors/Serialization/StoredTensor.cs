using System.Runtime.InteropServices;

namespace LlIcm.Tensors.Serialization;

/// <summary>A tensor in a <see cref="WeightFile"/>.</summary>
public sealed class StoredTensor
{
    private readonly StorageRegion _storage;
    private readonly long _offset;
    private readonly long[]? _strides;
    private byte[]? _gathered;

    /// <param name="name">The full dotted name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="storage">Where the elements are.</param>
    /// <param name="offset">Byte offset of the first one in it; the caller has checked that all lie inside.</param>
    /// <param name="strides">Steps in elements, or null for contiguous row-major elements.</param>
    internal StoredTensor(
        string name, ScalarType type, long[] shape, StorageRegion storage, long offset = 0, long[]? strides = null)
    {
        Name = name;
        Type = type;
        Shape = shape;
        ElementCount = ScalarTypes.CountOf(shape) ?? throw new ArgumentOutOfRangeException(nameof(shape));
        _storage = storage;
        _offset = offset;
        _strides = strides is null || IsContiguous(shape, strides) ? null : strides;
    }

    /// <summary>The full dotted name, as in a state dict.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public ScalarType Type { get; }

    /// <summary>Sizes, outermost first; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>Number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>
    /// The elements: contiguous, row-major, little endian. Usually the mapped file itself, so valid only while the
    /// file is open.
    /// </summary>
    /// <exception cref="WeightFormatException">The tensor takes 2 GiB or more.</exception>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public ReadOnlySpan<byte> Data
    {
        get
        {
            long bytes = ElementCount * Type.Size();
            if (bytes > Array.MaxLength)
                throw new WeightFormatException($"tensor '{Name}' takes {bytes} bytes, more than {Array.MaxLength}");
            if (_strides is null) return bytes == 0 ? default : _storage.Slice(_offset, (int)bytes);
            return _gathered ??= Gather((int)bytes, _strides);
        }
    }

    /// <summary>The elements as single precision; every other type is converted.</summary>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public float[] ToFloatArray()
    {
        var values = new float[checked((int)ElementCount)];
        CopyTo(values);
        return values;
    }

    /// <summary>Writes the elements as single precision; every other type is converted.</summary>
    /// <param name="destination">Room for <see cref="ElementCount"/> values.</param>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public void CopyTo(Span<float> destination)
    {
        ReadOnlySpan<byte> data = Data;
        if (destination.Length < ElementCount)
            throw new ArgumentException("too small for the tensor", nameof(destination));
        switch (Type)
        {
            case ScalarType.Float:
                MemoryMarshal.Cast<byte, float>(data).CopyTo(destination);
                break;
            case ScalarType.Half:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(data);
                for (int i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case ScalarType.BFloat16:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(data);
                for (int i = 0; i < upper.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
            case ScalarType.Double:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(data);
                for (int i = 0; i < doubles.Length; i++) destination[i] = (float)doubles[i];
                break;
            default:
                for (int i = 0; i < (int)ElementCount; i++) destination[i] = IntegerAt(data, i);
                break;
        }
    }

    /// <summary>The elements of an integer or boolean tensor.</summary>
    /// <exception cref="InvalidOperationException">The elements are floating-point numbers.</exception>
    /// <exception cref="OverflowException">An element does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public int[] ToIntArray()
    {
        long[] wide = ToLongArray();
        var values = new int[wide.Length];
        for (int i = 0; i < wide.Length; i++) values[i] = checked((int)wide[i]);
        return values;
    }

    /// <summary>The elements of an integer or boolean tensor.</summary>
    /// <exception cref="InvalidOperationException">The elements are floating-point numbers.</exception>
    /// <exception cref="ObjectDisposedException">The file has been closed.</exception>
    public long[] ToLongArray()
    {
        if (Type is ScalarType.Float or ScalarType.Double or ScalarType.Half or ScalarType.BFloat16)
            throw new InvalidOperationException($"tensor '{Name}' holds {Type} numbers, not integers");
        ReadOnlySpan<byte> data = Data;
        var values = new long[checked((int)ElementCount)];
        for (int i = 0; i < values.Length; i++) values[i] = IntegerAt(data, i);
        return values;
    }

    /// <summary>
    /// Tells the system that the elements will not be read soon, so that what is mapped of the file does not count as this
    /// process's memory any longer. They stay readable.
    /// </summary>
    public void Forget()
    {
        _gathered = null;
        _storage.Forget();
    }

    /// <summary>The same tensor under another name.</summary>
    /// <summary>The elements where they are in the file; null where they are not row-major, or may move.</summary>
    internal FileMemory? Pin() => _strides is null ? _storage.Pin(_offset, ElementCount * Type.Size()) : null;

    internal StoredTensor Named(string name) => new(name, Type, Shape, _storage, _offset, _strides);

    /// <summary>Name, type and shape, e.g. <c>conv.weight Float [64, 3, 3, 3]</c>.</summary>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";

    private long IntegerAt(ReadOnlySpan<byte> data, int i) => Type switch
    {
        ScalarType.Byte => data[i],
        ScalarType.Char => (sbyte)data[i],
        ScalarType.Bool => data[i] != 0 ? 1 : 0,
        ScalarType.Short => MemoryMarshal.Cast<byte, short>(data)[i],
        ScalarType.Int => MemoryMarshal.Cast<byte, int>(data)[i],
        _ => MemoryMarshal.Cast<byte, long>(data)[i],
    };

    private static bool IsContiguous(long[] shape, long[] strides)
    {
        long expected = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] == 0) return true;
            if (shape[d] != 1 && strides[d] != expected) return false;
            expected *= shape[d];
        }
        return true;
    }

    private byte[] Gather(int bytes, long[] strides)
    {
        int size = Type.Size();
        long last = 0;
        for (int d = 0; d < Shape.Length; d++) last += (Shape[d] - 1) * strides[d];
        ReadOnlySpan<byte> viewed = _storage.Slice(_offset, checked((int)((last + 1) * size)));

        var packed = new byte[bytes];
        var index = new long[Shape.Length];
        long element = 0;
        for (int at = 0; at < bytes; at += size)
        {
            viewed.Slice((int)element * size, size).CopyTo(packed.AsSpan(at));
            for (int d = Shape.Length - 1; d >= 0; d--)
            {
                element += strides[d];
                if (++index[d] < Shape[d]) break;
                element -= strides[d] * Shape[d];
                index[d] = 0;
            }
        }
        return packed;
    }
}
