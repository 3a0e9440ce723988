using System.Runtime.InteropServices;
namespace LlIcm.Tensors;

public sealed partial class Tensor
{
    private static readonly Operator s_zeros = new("zeros"), s_ones = new("ones"), s_full = new("full"),
        s_empty = new("empty", "memory_format"), s_arange = new("arange", "start_step"), s_linspace = new("linspace"),
        s_rand = new("rand"), s_randn = new("randn"), s_zerosLike = new("zeros_like"), s_onesLike = new("ones_like"),
        s_emptyLike = new("empty_like"), s_fullLike = new("full_like"), s_randLike = new("rand_like"),
        s_randnLike = new("randn_like");

    /// <summary>A tensor with a copy of <paramref name="values"/>, row-major; the element type follows <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of the shape.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape, Device? device = null) where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape) count *= size;
        if (count != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill the shape [{string.Join(", ", shape.ToArray())}]");
        return new Tensor(TensorEngine.Current.Create(MemoryMarshal.AsBytes(values), TypeOf<T>(), shape, device ?? Device.Cpu));
    }

    /// <summary>A tensor with a copy of raw little-endian elements, row-major.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not that of the shape and type.</exception>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, ScalarType type, ReadOnlySpan<long> shape, Device? device = null)
    {
        long count = SizeOf(type);
        foreach (long size in shape) count *= size;
        if (count != bytes.Length)
            throw new ArgumentException($"{bytes.Length} bytes do not fill {type} [{string.Join(", ", shape.ToArray())}]");
        return new Tensor(TensorEngine.Current.Create(bytes, type, shape, device ?? Device.Cpu));
    }

    /// <summary>A scalar.</summary>
    public static Tensor Scalar(float value, Device? device = null) => From([value], [], device);

    /// <summary>All zeros.</summary>
    public static Tensor Zeros(long[] shape, ScalarType type = ScalarType.Float, Device? device = null) =>
        s_zeros.Call(shape, type, Argument.Default, device ?? Device.Cpu);

    /// <summary>All ones.</summary>
    public static Tensor Ones(long[] shape, ScalarType type = ScalarType.Float, Device? device = null) =>
        s_ones.Call(shape, type, Argument.Default, device ?? Device.Cpu);

    /// <summary>One value everywhere.</summary>
    public static Tensor Full(long[] shape, double value, ScalarType type = ScalarType.Float, Device? device = null) =>
        s_full.Call(shape, value, type, Argument.Default, device ?? Device.Cpu);

    /// <summary>Unspecified contents.</summary>
    public static Tensor Empty(long[] shape, ScalarType type = ScalarType.Float, Device? device = null) =>
        s_empty.Call(shape, type, Argument.Default, device ?? Device.Cpu);

    /// <summary>start, start + step, … below <paramref name="end"/>.</summary>
    public static Tensor Arange(
        double start, double end, double step = 1, ScalarType type = ScalarType.Float, Device? device = null) =>
        s_arange.Call(start, end, step, type, Argument.Default, device ?? Device.Cpu);

    /// <summary><paramref name="steps"/> values from <paramref name="start"/> to <paramref name="end"/>, both included.</summary>
    public static Tensor Linspace(double start, double end, int steps, ScalarType type = ScalarType.Float) =>
        s_linspace.Call(start, end, steps, type);

    /// <summary>Uniform on [0, 1), from libtorch's generator.</summary>
    public static Tensor Rand(params long[] shape) => s_rand.Call(shape);

    /// <summary>Standard normal, from libtorch's generator.</summary>
    public static Tensor Randn(params long[] shape) => s_randn.Call(shape);

    /// <summary>Zeros of this shape, type and device.</summary>
    public Tensor ZerosLike() => s_zerosLike.Call(this);

    /// <summary>Ones of this shape, type and device.</summary>
    public Tensor OnesLike() => s_onesLike.Call(this);

    /// <summary>Unspecified contents of this shape, type and device.</summary>
    public Tensor EmptyLike() => s_emptyLike.Call(this);

    /// <summary>One value everywhere, of this shape, type and device.</summary>
    public Tensor FullLike(double value) => s_fullLike.Call(this, value);

    /// <summary>Uniform on [0, 1), of this shape, type and device.</summary>
    public Tensor RandLike() => s_randLike.Call(this);

    /// <summary>Standard normal, of this shape, type and device.</summary>
    public Tensor RandnLike() => s_randnLike.Call(this);

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Char or ScalarType.Bool => 1,
        ScalarType.Short or ScalarType.Half or ScalarType.BFloat16 => 2,
        ScalarType.Int or ScalarType.Float => 4,
        ScalarType.Long or ScalarType.Double => 8,
        _ => throw new TensorException($"element type {type} is not supported"),
    };

    private static ScalarType TypeOf<T>() where T : unmanaged => default(T) switch
    {
        byte => ScalarType.Byte,
        sbyte => ScalarType.Char,
        short => ScalarType.Short,
        int => ScalarType.Int,
        long => ScalarType.Long,
        Half => ScalarType.Half,
        float => ScalarType.Float,
        double => ScalarType.Double,
        bool => ScalarType.Bool,
        _ => throw new TensorException($"elements of type {typeof(T)} are not supported"),
    };
}
