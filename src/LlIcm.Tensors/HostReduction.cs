using System.Numerics.Tensors;

namespace LlIcm.Tensors;

/// <summary>Sums, means, extremes and products over dimensions in host memory, in double precision.</summary>
internal static class HostReduction
{
    public static IEnumerable<(string, Func<Argument[], HostTensor>)> All() =>
    [
        ("sum", a => Reduce(a, 1, 2, values => Sum(values))),
        ("mean", a => Reduce(a, 1, 2, values => Sum(values) / values.Length)),
        ("amax", a => Reduce(a, 1, 2, values => TensorPrimitives.Max(values))),
        ("amin", a => Reduce(a, 1, 2, values => TensorPrimitives.Min(values))),
        ("norm", a =>
        {
            if (a.Number(1, 2) != 2) throw new TensorException("only norms of order 2 are computed in host memory");
            return Reduce(a, 2, 3, values => Math.Sqrt(SumOfSquares(values)));
        }),
        ("argmax", a =>
        {
            HostTensor result = Reduce([a[0], (long[])[a.Integer(1)], a.Length > 2 ? a[2] : false], 1, 2, values => TensorPrimitives.IndexOfMax(values));
            using (result) return HostMath.Convert(result, ScalarType.Long);
        }),
        ("softmax", a => AlongOne(a, Softmax)),
        ("cumsum", a => AlongOne(a, values =>
        {
            for (int i = 1; i < values.Length; i++) values[i] += values[i - 1];
        })),
        ("matmul", a => Product(a.Tensor(0), a.Tensor(1))),
        ("bmm", a => Product(a.Tensor(0), a.Tensor(1))),
        ("linear", a =>
        {
            using HostTensor turned = HostShapes.Transposed(a.Tensor(1));
            HostTensor product = Product(a.Tensor(0), turned);
            if (!a.Has(2)) return product;
            using var held = new Tensor(product).Unscoped();
            return (HostTensor)HostEngine.Instance.Call(new Operator("add"), [held, a[2]]);
        }),
    ];

    private delegate double Reducer(ReadOnlySpan<double> values);

    private delegate void Along(Span<double> values);

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value * value;
        return sum;
    }

    private static void Softmax(Span<double> values)
    {
        double largest = TensorPrimitives.Max<double>(values), sum = 0;
        for (int i = 0; i < values.Length; i++) sum += values[i] = Math.Exp(values[i] - largest);
        for (int i = 0; i < values.Length; i++) values[i] /= sum;
    }

    private static HostTensor Reduce(Argument[] arguments, int dimensionsAt, int keepAt, Reducer reducer)
    {
        HostTensor tensor = arguments.Tensor(0);
        int rank = tensor.Shape.Length;
        int[] reduced = arguments.Dimensions(dimensionsAt, rank), kept = [.. Enumerable.Range(0, rank).Except(reduced)];
        using HostTensor last = HostShapes.Permuted(tensor, [.. kept, .. reduced]);
        using HostTensor wide = HostMath.Convert(last, ScalarType.Double), packed = wide.Packed();
        int length = 1;
        foreach (int dimension in reduced) length *= (int)tensor.Shape[dimension];
        long[] shape = arguments.Flag(keepAt)
            ? [.. Enumerable.Range(0, rank).Select(d => reduced.Contains(d) ? 1 : tensor.Shape[d])] : [.. kept.Select(d => tensor.Shape[d])];
        HostTensor result = HostTensor.Allocate(ScalarType.Double, shape);
        ReadOnlySpan<double> values = packed.Elements<double>();
        Span<double> target = result.Elements<double>();
        for (int i = 0; i < target.Length; i++) target[i] = reducer(values.Slice(i * length, length));
        using (result) return HostMath.Convert(result, tensor.Type.IsFloating() ? tensor.Type : ScalarType.Long);
    }

    private static HostTensor AlongOne(Argument[] arguments, Along function)
    {
        HostTensor tensor = arguments.Tensor(0);
        int rank = tensor.Shape.Length, dimension = arguments.Dimension(1, rank);
        int[] order = [.. Enumerable.Range(0, rank).Where(d => d != dimension), dimension];
        using HostTensor last = HostShapes.Permuted(tensor, order);
        using HostTensor wide = HostMath.Convert(last, ScalarType.Double), packed = wide.Packed();
        using HostTensor result = HostTensor.Allocate(ScalarType.Double, packed.Shape);
        packed.Elements<double>().CopyTo(result.Elements<double>());
        int length = (int)tensor.Shape[dimension];
        for (int i = 0; i < result.Count / Math.Max(length, 1); i++) function(result.Elements<double>().Slice(i * length, length));
        using HostTensor typed = HostMath.Convert(result, tensor.Type);
        return HostShapes.Permuted(typed, [.. Enumerable.Range(0, rank).Select(d => Array.IndexOf(order, d))]);
    }

    // [..., M, K] · [..., K, N]; vectors and leading dimensions as PyTorch's matmul takes them.
    private static HostTensor Product(HostTensor first, HostTensor second)
    {
        bool row = first.Shape.Length == 1, column = second.Shape.Length == 1;
        long[] a = row ? [1, .. first.Shape] : first.Shape, b = column ? [.. second.Shape, 1] : second.Shape;
        (long m, long k, long n) = (a[^2], a[^1], b[^1]);
        if (b[^2] != k) throw new TensorException($"matmul: [{string.Join(", ", first.Shape)}] and [{string.Join(", ", second.Shape)}]");
        long[] batch = HostShapes.Broadcast(a[..^2], b[..^2]);
        using HostTensor firstView = HostShapes.Reshaped(first, a), secondView = HostShapes.Reshaped(second, b);
        using HostTensor left = HostShapes.Expand(firstView, [.. batch, m, k]), right = HostShapes.Expand(secondView, [.. batch, k, n]);
        using HostTensor turned = HostShapes.Transposed(right);
        ScalarType type = first.Type == ScalarType.Double ? ScalarType.Double : ScalarType.Float;
        using HostTensor x = Packed(left, type), y = Packed(turned, type);
        HostTensor result = HostTensor.Allocate(type, [.. batch, m, n]);
        long count = result.Count / Math.Max(m * n, 1);
        if (type == ScalarType.Float) Multiply(x.Elements<float>(), y.Elements<float>(), result.Elements<float>(), count, (int)m, (int)k, (int)n);
        else Multiply(x.Elements<double>(), y.Elements<double>(), result.Elements<double>(), count, (int)m, (int)k, (int)n);
        long[] shape = [.. batch, .. row ? [] : (long[])[m], .. column ? [] : (long[])[n]];
        using (result) return HostShapes.Reshaped(result, shape);
    }

    private static HostTensor Packed(HostTensor tensor, ScalarType type)
    {
        using HostTensor typed = HostMath.Convert(tensor, type);
        return typed.Packed();
    }

    private static void Multiply<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result, long count, int m, int k, int n)
        where T : System.Numerics.INumberBase<T>
    {
        for (int each = 0; each < count; each++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                    result[(each * m + i) * n + j] = TensorPrimitives.Dot(x.Slice((each * m + i) * k, k), y.Slice((each * n + j) * k, k));
    }
}
