using System.Text;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>One argument of an operator; made by implicit conversion from what the schema asks for.</summary>
public readonly unsafe struct Argument
{
    private readonly NativeTag _tag;
    private readonly long _bits;
    private readonly object? _object;

    private Argument(NativeTag tag, long bits, object? value = null)
    {
        _tag = tag;
        _bits = bits;
        _object = value;
    }

    /// <summary>Leaves the schema's default in place.</summary>
    public static Argument Default => new(NativeTag.Default, 0);

    /// <summary>An absent optional argument.</summary>
    public static Argument None => new(NativeTag.None, 0);

    internal int ListLength => _object switch
    {
        long[] integers => integers.Length,
        double[] doubles => doubles.Length,
        Tensor?[] tensors => tensors.Length,
        _ => 0,
    };

    internal int TextLength => _object is string text ? Encoding.UTF8.GetByteCount(text) : 0;

    /// <summary>A tensor, or an absent optional tensor.</summary>
    public static implicit operator Argument(Tensor? value) =>
        value is null ? None : new Argument(NativeTag.Tensor, 0, value);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(long value) => new(NativeTag.Integer, value);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(int value) => new(NativeTag.Integer, value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Argument(double value) =>
        new(NativeTag.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A truth value.</summary>
    public static implicit operator Argument(bool value) => new(NativeTag.Bool, value ? 1 : 0);

    /// <summary>An element type.</summary>
    public static implicit operator Argument(ScalarType value) => new(NativeTag.Integer, (long)value);

    /// <summary>A memory format.</summary>
    public static implicit operator Argument(MemoryFormat value) => new(NativeTag.Integer, (long)value);

    /// <summary>A list of integers (sizes, strides, dimensions), or an absent one.</summary>
    public static implicit operator Argument(long[]? value) =>
        value is null ? None : new Argument(NativeTag.IntegerList, 0, value);

    /// <summary>A list of floating-point numbers.</summary>
    public static implicit operator Argument(double[] value) => new(NativeTag.DoubleList, 0, value);

    /// <summary>A list of tensors; null entries are absent.</summary>
    public static implicit operator Argument(Tensor?[] value) => new(NativeTag.TensorList, 0, value);

    /// <summary>A text.</summary>
    public static implicit operator Argument(string value) => new(NativeTag.String, 0, value);

    /// <summary>A device.</summary>
    public static implicit operator Argument(Device value) => new(NativeTag.Device, 0, value.Name);

    /// <summary>Writes the native form; tensors are held until <see cref="Release"/>.</summary>
    internal void Write(ref NativeValue value, ref long* lists, ref byte* text)
    {
        value.Tag = _tag;
        value.Integer = _bits;
        switch (_object)
        {
            case Tensor tensor:
                value.Pointer = (void*)tensor.Acquire();
                break;
            case long[] integers:
                value.Pointer = lists;
                value.Length = integers.Length;
                foreach (long integer in integers) *lists++ = integer;
                break;
            case double[] doubles:
                value.Pointer = lists;
                value.Length = doubles.Length;
                foreach (double number in doubles) *lists++ = BitConverter.DoubleToInt64Bits(number);
                break;
            case Tensor?[] tensors:
                value.Pointer = lists;
                value.Length = tensors.Length;
                for (int i = 0; i < tensors.Length; i++)
                {
                    try
                    {
                        *lists++ = tensors[i]?.Acquire() ?? 0;
                    }
                    catch (ObjectDisposedException)
                    {
                        for (int j = 0; j < i; j++) tensors[j]?.ReleaseAcquired();
                        throw;
                    }
                }
                break;
            case string characters:
                int bytes = Encoding.UTF8.GetBytes(characters, new Span<byte>(text, TextLength));
                value.Pointer = text;
                value.Length = bytes;
                text += bytes;
                break;
        }
    }

    internal void Release()
    {
        if (_object is Tensor tensor) tensor.ReleaseAcquired();
        else if (_object is Tensor?[] tensors)
            foreach (Tensor? each in tensors) each?.ReleaseAcquired();
    }

    /// <summary>A tensor argument's type and shape, for error texts.</summary>
    internal string? Describe() => _object is Tensor { IsDisposed: false } tensor ? tensor.ToString() : null;
}
