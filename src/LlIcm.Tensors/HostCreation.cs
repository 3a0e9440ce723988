namespace LlIcm.Tensors;

/// <summary>Operators that make tensors in host memory.</summary>
internal static class HostCreation
{
    [ThreadStatic]
    private static Random? t_random;

    public static Random Random
    {
        get => t_random ??= new Random(1);
        set => t_random = value;
    }

    public static IEnumerable<(string, Func<Argument[], HostTensor>)> All() =>
    [
        ("zeros", a => Fill(HostTensor.Allocate(a.Type(1), a.Integers(0)), 0)),
        ("ones", a => Fill(HostTensor.Allocate(a.Type(1), a.Integers(0)), 1)),
        ("full", a => Fill(HostTensor.Allocate(a.Type(2), a.Integers(0)), a.Number(1))),
        ("empty", a => HostTensor.Allocate(a.Type(1), a.Integers(0))),
        ("zeros_like", a => Fill(Like(a), 0)),
        ("ones_like", a => Fill(Like(a), 1)),
        ("empty_like", a => Like(a)),
        ("full_like", a => Fill(Like(a), a.Number(1))),
        ("zero", a => Fill(Like(a), 0)),
        ("fill", a => Fill(Like(a), a.Number(1))),
        ("rand", a => Draw(HostTensor.Allocate(ScalarType.Float, a.Integers(0)), () => Random.NextSingle())),
        ("randn", a => Draw(HostTensor.Allocate(ScalarType.Float, a.Integers(0)), Normal)),
        ("rand_like", a => Draw(Like(a), () => Random.NextSingle())),
        ("randn_like", a => Draw(Like(a), Normal)),
        ("uniform", a =>
        {
            (double low, double high) = (a.Number(1), a.Number(2, 1));
            return Draw(Like(a), () => (float)(low + (high - low) * Random.NextDouble()));
        }),
        ("normal", a =>
        {
            (double mean, double deviation) = (a.Number(1), a.Number(2, 1));
            return Draw(Like(a), () => (float)(mean + deviation * Normal()));
        }),
        ("arange", a =>
        {
            (double start, double end, double step) = (a.Number(0), a.Number(1), a.Number(2, 1));
            long count = (long)Math.Ceiling((end - start) / step);
            return Convert(Enumerable.Range(0, (int)count).Select(i => start + step * i), a.Type(3), count);
        }),
        ("linspace", a =>
        {
            float start = (float)a.Number(0), end = (float)a.Number(1);
            int count = (int)a.Integer(2);
            float step = count > 1 ? (end - start) / (count - 1) : 0;
            // From both ends, as libtorch does it.
            return Convert(
                Enumerable.Range(0, count).Select(i => (double)(i < count / 2 ? start + step * i : end - step * (count - 1 - i))), a.Type(3), count);
        }),
    ];

    private static HostTensor Like(Argument[] arguments) => HostTensor.Allocate(arguments.Tensor(0).Type, arguments.Tensor(0).Shape);

    private static HostTensor Fill(HostTensor tensor, double value)
    {
        if (tensor.Type == ScalarType.Float) tensor.Elements<float>().Fill((float)value);
        else if (value == 0) tensor.Bytes.Clear();
        else HostMath.Store(tensor, i => value);
        return tensor;
    }

    private static HostTensor Draw(HostTensor tensor, Func<float> next)
    {
        HostMath.Store(tensor, i => next());
        return tensor;
    }

    private static HostTensor Convert(IEnumerable<double> values, ScalarType type, long count)
    {
        double[] all = [.. values];
        HostTensor tensor = HostTensor.Allocate(type, count);
        HostMath.Store(tensor, i => all[i]);
        return tensor;
    }

    private static float Normal() =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - Random.NextDouble())) * Math.Cos(2 * Math.PI * Random.NextDouble()));
}
