using System.Numerics.Tensors;

namespace LlIcm.Tensors;

/// <summary>Element by element in host memory: single and double precision as such, other types by way of double precision.</summary>
internal static class HostMath
{
    private delegate void Unary<T>(ReadOnlySpan<T> x, Span<T> destination);

    private delegate void Binary<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> destination);

    public static IEnumerable<(string, Func<Argument[], HostTensor>)> All() =>
    [
        Of("neg", TensorPrimitives.Negate, TensorPrimitives.Negate), Of("abs", TensorPrimitives.Abs, TensorPrimitives.Abs),
        Of("exp", TensorPrimitives.Exp, TensorPrimitives.Exp, true), Of("log", TensorPrimitives.Log, TensorPrimitives.Log, true),
        Of("log2", TensorPrimitives.Log2, TensorPrimitives.Log2, true), Of("sqrt", TensorPrimitives.Sqrt, TensorPrimitives.Sqrt, true),
        Of("sin", TensorPrimitives.Sin, TensorPrimitives.Sin, true), Of("cos", TensorPrimitives.Cos, TensorPrimitives.Cos, true),
        Of("tanh", TensorPrimitives.Tanh, TensorPrimitives.Tanh, true), Of("floor", TensorPrimitives.Floor, TensorPrimitives.Floor),
        Of("ceil", TensorPrimitives.Ceiling, TensorPrimitives.Ceiling), Of("round", TensorPrimitives.Round, TensorPrimitives.Round),
        Each("rsqrt", x => 1 / Math.Sqrt(x)), Each("reciprocal", x => 1 / x), Each("sign", x => double.IsNaN(x) ? x : Math.Sign(x)),
        Each("square", x => x * x), Each("sigmoid", x => 1 / (1 + Math.Exp(-x))), Each("erfc", ErrorFunction.Complement),
        Each("softplus", x => x > 20 ? x : Math.Log(1 + Math.Exp(x))), Each("relu", x => x < 0 ? 0 : x),
        Each("silu", x => x / (1 + Math.Exp(-x))), Each("llicm::gelu", x => x * 0.5 * ErrorFunction.Complement(-x * Math.Sqrt(0.5))),
        ("leaky_relu", a => Map(a.Tensor(0), a.Number(1, 0.01), (x, slope) => x < 0 ? x * slope : x)),
        ("pow", a => Map(a.Tensor(0), a.Number(1), Math.Pow)),
        ("llicm::lower_bound", a => Map(a.Tensor(0), a.Number(1), (x, bound) => x < bound ? bound : x)),
        ("clamp", a => Clamp(a.Tensor(0), a.Has(1) ? a.Number(1) : null, a.Has(2) ? a.Number(2) : null)),
        ("add", a => Combine(a, Scaled(a, 1, a.Number(2, 1)), TensorPrimitives.Add, TensorPrimitives.Add)),
        ("sub", a => Combine(a, Scaled(a, 1, a.Number(2, 1)), TensorPrimitives.Subtract, TensorPrimitives.Subtract)),
        ("rsub", a => Combine([a[1], a[0]], a[0], TensorPrimitives.Subtract, TensorPrimitives.Subtract)),
        ("mul", a => Combine(a, a[1], TensorPrimitives.Multiply, TensorPrimitives.Multiply)),
        ("div", a => Combine(a, a[1], TensorPrimitives.Divide, TensorPrimitives.Divide, quotient: true)),
        ("maximum", a => Combine(a, a[1], TensorPrimitives.Max, TensorPrimitives.Max)),
        ("minimum", a => Combine(a, a[1], TensorPrimitives.Min, TensorPrimitives.Min)),
        ("addcmul", a =>
        {
            using var product = new Tensor(Combine([a[1], a[2]], a[2], TensorPrimitives.Multiply, TensorPrimitives.Multiply)).Unscoped();
            return Combine([a[0], product], product, TensorPrimitives.Add, TensorPrimitives.Add);
        }),
        ("lerp", a =>
        {
            using var span = new Tensor(Combine([a[1], a[0]], a[0], TensorPrimitives.Subtract, TensorPrimitives.Subtract)).Unscoped();
            using var part = new Tensor(Combine([span, a[2]], a[2], TensorPrimitives.Multiply, TensorPrimitives.Multiply)).Unscoped();
            return Combine([a[0], part], part, TensorPrimitives.Add, TensorPrimitives.Add);
        }),
        ("eq", a => Compare(a, (x, y) => x == y)), ("ge", a => Compare(a, (x, y) => x >= y)),
        ("gt", a => Compare(a, (x, y) => x > y)), ("lt", a => Compare(a, (x, y) => x < y)),
        ("to", a => a[1].Kind == ArgumentKind.Device ? Convert(a.Tensor(0), a.Type(2, a.Tensor(0).Type)) : Convert(a.Tensor(0), a.Type(1))),
        ("copy", a => Convert(a.Tensor(1), a.Tensor(0).Type)),
        ("isfinite", a => Compare([a[0], 0.0], (x, _) => double.IsFinite(x))),
    ];

    /// <summary>In another element type; the caller owns what it gets.</summary>
    public static HostTensor Convert(HostTensor tensor, ScalarType type)
    {
        if (tensor.Type == type) return (HostTensor)tensor.Alias();
        using HostTensor packed = tensor.Packed();
        HostTensor converted = HostTensor.Allocate(type, tensor.Shape);
        if (packed.Type == ScalarType.Half && type == ScalarType.Float)
        {
            TensorPrimitives.ConvertToSingle(packed.Elements<Half>(), converted.Elements<float>());
            return converted;
        }
        if (packed.Type == ScalarType.Float && type == ScalarType.Half)
        {
            TensorPrimitives.ConvertToHalf(packed.Elements<float>(), converted.Elements<Half>());
            return converted;
        }
        if (packed.Type == ScalarType.Float && type == ScalarType.Int)
        {
            TensorPrimitives.ConvertTruncating<float, int>(packed.Elements<float>(), converted.Elements<int>());
            return converted;
        }
        if (packed.Type == ScalarType.Int && type == ScalarType.Float)
        {
            TensorPrimitives.ConvertChecked<int, float>(packed.Elements<int>(), converted.Elements<float>());
            return converted;
        }
        Store(converted, Reader(packed));
        return converted;
    }

    /// <summary>Fills a contiguous tensor.</summary>
    public static void Store(HostTensor tensor, Func<int, double> value)
    {
        int count = checked((int)tensor.Count);
        switch (tensor.Type)
        {
            case ScalarType.Float: Write(tensor.Elements<float>(), value, x => (float)x); break;
            case ScalarType.Double: Write(tensor.Elements<double>(), value, x => x); break;
            case ScalarType.Half: Write(tensor.Elements<Half>(), value, x => (Half)(float)x); break;
            case ScalarType.BFloat16: Write(tensor.Elements<ushort>(), value, x => NarrowBits((float)x)); break;
            case ScalarType.Long: Write(tensor.Elements<long>(), value, x => (long)x); break;
            case ScalarType.Int: Write(tensor.Elements<int>(), value, x => (int)x); break;
            case ScalarType.Short: Write(tensor.Elements<short>(), value, x => (short)x); break;
            case ScalarType.Char: Write(tensor.Elements<sbyte>(), value, x => (sbyte)x); break;
            case ScalarType.Bool: Write(tensor.Elements<byte>(), value, x => (byte)(x != 0 ? 1 : 0)); break;
            default: Write(tensor.Elements<byte>(), value, x => (byte)x); break;
        }

        void Write<T>(Span<T> target, Func<int, double> source, Func<double, T> convert)
        {
            for (int i = 0; i < count; i++) target[i] = convert(source(i));
        }
    }

    /// <summary>Reads a contiguous tensor's elements.</summary>
    public static unsafe Func<int, double> Reader(HostTensor tensor)
    {
        nint at = tensor.Address;
        return tensor.Type switch
        {
            ScalarType.Float => i => ((float*)at)[i],
            ScalarType.Double => i => ((double*)at)[i],
            ScalarType.Half => i => (double)((Half*)at)[i],
            ScalarType.BFloat16 => i => BitConverter.UInt32BitsToSingle((uint)((ushort*)at)[i] << 16),
            ScalarType.Long => i => ((long*)at)[i],
            ScalarType.Int => i => ((int*)at)[i],
            ScalarType.Short => i => ((short*)at)[i],
            ScalarType.Char => i => ((sbyte*)at)[i],
            _ => i => ((byte*)at)[i],
        };
    }

    private static (string, Func<Argument[], HostTensor>) Of(string name, Unary<float> single, Unary<double> wide, bool floating = false) =>
        (name, a => Apply(a.Tensor(0), single, wide, floating));

    // By way of double precision: these are small or rare, and a last bit less to differ in.
    private static (string, Func<Argument[], HostTensor>) Each(string name, Func<double, double> function) =>
        (name, a => Map(a.Tensor(0), 0, (x, _) => function(x)));

    private static HostTensor Apply(HostTensor tensor, Unary<float> single, Unary<double> wide, bool floating)
    {
        using HostTensor packed = tensor.Packed();
        if (packed.Type == ScalarType.Float)
        {
            HostTensor result = HostTensor.Allocate(ScalarType.Float, tensor.Shape);
            single(packed.Elements<float>(), result.Elements<float>());
            return result;
        }
        using HostTensor doubles = Convert(packed, ScalarType.Double), computed = HostTensor.Allocate(ScalarType.Double, tensor.Shape);
        wide(doubles.Elements<double>(), computed.Elements<double>());
        return Convert(computed, floating && !packed.Type.IsFloating() ? ScalarType.Float : packed.Type);
    }

    private static HostTensor Map(HostTensor tensor, double parameter, Func<double, double, double> function)
    {
        using HostTensor packed = tensor.Packed();
        HostTensor result = HostTensor.Allocate(packed.Type, tensor.Shape);
        Func<int, double> read = Reader(packed);
        Store(result, i => function(read(i), parameter));
        return result;
    }

    private static HostTensor Clamp(HostTensor tensor, double? low, double? high)
    {
        using HostTensor packed = tensor.Packed();
        if (packed.Type != ScalarType.Float)
            return Map(packed, 0, (x, _) => Math.Min(Math.Max(x, low ?? double.NegativeInfinity), high ?? double.PositiveInfinity));
        HostTensor result = HostTensor.Allocate(ScalarType.Float, tensor.Shape);
        Span<float> values = result.Elements<float>();
        packed.Elements<float>().CopyTo(values);
        if (low is { } least) TensorPrimitives.Max(values, (float)least, values);
        if (high is { } most) TensorPrimitives.Min(values, (float)most, values);
        return result;
    }

    private static Argument Scaled(Argument[] arguments, int i, double factor)
    {
        if (factor == 1) return arguments[i];
        if (!(arguments[i].Value is Tensor tensor)) return arguments[i].Number * factor;
        return new Tensor(Combine([tensor, factor], factor, TensorPrimitives.Multiply, TensorPrimitives.Multiply));
    }

    private static HostTensor Combine(Argument[] arguments, Argument second, Binary<float> single, Binary<double> wide, bool quotient = false)
    {
        ScalarType type = Promote(arguments[0], second, quotient);
        bool isSingle = type == ScalarType.Float;
        using HostTensor x = Operand(arguments[0], isSingle ? ScalarType.Float : ScalarType.Double);
        using HostTensor y = Operand(second, isSingle ? ScalarType.Float : ScalarType.Double);
        long[] shape = HostShapes.Broadcast(x.Shape, y.Shape);
        using HostTensor left = HostShapes.Expand(x, shape), right = HostShapes.Expand(y, shape);
        using HostTensor a = left.Packed(), b = right.Packed();
        HostTensor result = HostTensor.Allocate(isSingle ? ScalarType.Float : ScalarType.Double, shape);
        if (isSingle)
        {
            single(a.Elements<float>(), b.Elements<float>(), result.Elements<float>());
            return result;
        }
        wide(a.Elements<double>(), b.Elements<double>(), result.Elements<double>());
        using (result) return Convert(result, type);
    }

    private static HostTensor Compare(Argument[] arguments, Func<double, double, bool> relation)
    {
        using HostTensor x = Operand(arguments[0], ScalarType.Double), y = Operand(arguments[1], ScalarType.Double);
        long[] shape = HostShapes.Broadcast(x.Shape, y.Shape);
        using HostTensor left = HostShapes.Expand(x, shape), right = HostShapes.Expand(y, shape);
        using HostTensor a = left.Packed(), b = right.Packed();
        HostTensor result = HostTensor.Allocate(ScalarType.Bool, shape);
        Func<int, double> readA = Reader(a), readB = Reader(b);
        Store(result, i => relation(readA(i), readB(i)) ? 1 : 0);
        return result;
    }

    private static HostTensor Operand(Argument argument, ScalarType type)
    {
        if (argument.Value is Tensor { Data: HostTensor tensor }) return Convert(tensor, type);
        HostTensor scalar = HostTensor.Allocate(type);
        Store(scalar, _ => argument.Number);
        return scalar;
    }

    // PyTorch's rules, as far as the program's tensors need them: the wider floating type, and numbers follow the tensor.
    private static ScalarType Promote(Argument first, Argument second, bool quotient)
    {
        ScalarType? a = (first.Value as Tensor)?.Type, b = (second.Value as Tensor)?.Type;
        ScalarType type = a is { } x && b is { } y ? (Order(x) >= Order(y) ? x : y) : a ?? b ?? ScalarType.Float;
        bool fraction = quotient || first.Kind == ArgumentKind.Double || second.Kind == ArgumentKind.Double;
        return fraction && !type.IsFloating() ? ScalarType.Float : type;
    }

    private static int Order(ScalarType type) => type switch
    {
        ScalarType.Double => 9,
        ScalarType.Float => 8,
        ScalarType.Half or ScalarType.BFloat16 => 7,
        ScalarType.Long => 5,
        ScalarType.Int => 4,
        ScalarType.Short => 3,
        ScalarType.Bool => 0,
        _ => 1,
    };

    // To the nearest, halves to even.
    private static ushort NarrowBits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
