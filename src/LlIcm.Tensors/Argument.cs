namespace LlIcm.Tensors;

/// <summary>One argument of an operator; made by implicit conversion from what the schema asks for.</summary>
public readonly struct Argument
{
    private readonly long _bits;

    private Argument(ArgumentKind kind, long bits, object? value = null)
    {
        Kind = kind;
        _bits = bits;
        Value = value;
    }

    /// <summary>Leaves the schema's default in place.</summary>
    public static Argument Default => new(ArgumentKind.Default, 0);

    /// <summary>An absent optional argument.</summary>
    public static Argument None => new(ArgumentKind.None, 0);

    /// <summary>What it holds.</summary>
    public ArgumentKind Kind { get; }

    /// <summary>The tensor, the list or the text; null for numbers.</summary>
    public object? Value { get; }

    /// <summary>An integer or a truth value as such, a floating-point number as its bits.</summary>
    internal long Bits => _bits;

    /// <summary>A number of any kind as a floating-point one.</summary>
    internal double Number => Kind == ArgumentKind.Double ? BitConverter.Int64BitsToDouble(_bits) : _bits;

    /// <summary>A tensor, or an absent optional tensor.</summary>
    public static implicit operator Argument(Tensor? value) =>
        value is null ? None : new Argument(ArgumentKind.Tensor, 0, value);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(long value) => new(ArgumentKind.Integer, value);

    /// <summary>An integer.</summary>
    public static implicit operator Argument(int value) => new(ArgumentKind.Integer, value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Argument(double value) =>
        new(ArgumentKind.Double, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A truth value.</summary>
    public static implicit operator Argument(bool value) => new(ArgumentKind.Bool, value ? 1 : 0);

    /// <summary>An element type.</summary>
    public static implicit operator Argument(ScalarType value) => new(ArgumentKind.Integer, (long)value);

    /// <summary>A memory format.</summary>
    public static implicit operator Argument(MemoryFormat value) => new(ArgumentKind.Integer, (long)value);

    /// <summary>A list of integers (sizes, strides, dimensions), or an absent one.</summary>
    public static implicit operator Argument(long[]? value) =>
        value is null ? None : new Argument(ArgumentKind.IntegerList, 0, value);

    /// <summary>A list of floating-point numbers.</summary>
    public static implicit operator Argument(double[] value) => new(ArgumentKind.DoubleList, 0, value);

    /// <summary>A list of tensors; null entries are absent.</summary>
    public static implicit operator Argument(Tensor?[] value) => new(ArgumentKind.TensorList, 0, value);

    /// <summary>A text.</summary>
    public static implicit operator Argument(string value) => new(ArgumentKind.String, 0, value);

    /// <summary>A device.</summary>
    public static implicit operator Argument(Device value) => new(ArgumentKind.Device, 0, value.Name);

    /// <summary>A tensor argument's type and shape, for error texts.</summary>
    internal string? Describe() => Value is Tensor { IsDisposed: false } tensor ? tensor.ToString() : null;
}
