namespace LlIcm.Tensors.Modules;

/// <summary>How new parameters are filled.</summary>
public static class Initialization
{
    [ThreadStatic] private static bool t_skip;

    /// <summary>
    /// Leaves new parameters unfilled on this thread until disposed: for models whose weights are loaded right after.
    /// </summary>
    public static IDisposable Skip() => new Skipping();

    /// <summary>PyTorch's default for convolutions and linear layers: uniform on ±1/√fan_in.</summary>
    public static Tensor FanIn(long[] shape, long fanIn)
    {
        Tensor tensor = Tensor.Empty(shape);
        if (t_skip) return tensor;
        double bound = 1 / Math.Sqrt(fanIn);
        return tensor.UniformInPlace(-bound, bound);
    }

    /// <summary>Normal with mean 0.</summary>
    public static Tensor Normal(long[] shape, double deviation)
    {
        Tensor tensor = Tensor.Empty(shape);
        return t_skip ? tensor : tensor.NormalInPlace(0, deviation);
    }

    /// <summary>Refills a parameter that a layer's constructor filled its own way: normal with mean 0.</summary>
    public static void RefillNormal(Tensor parameter, double deviation)
    {
        using var noGrad = GradMode.Disable();
        if (!t_skip) parameter.NormalInPlace(0, deviation);
    }

    /// <summary>Refills a parameter that a layer's constructor filled its own way: one value everywhere.</summary>
    public static void RefillConstant(Tensor parameter, double value)
    {
        using var noGrad = GradMode.Disable();
        if (!t_skip) parameter.FillInPlace(value);
    }

    private sealed class Skipping : IDisposable
    {
        private readonly bool _before = t_skip;

        public Skipping() => t_skip = true;

        public void Dispose() => t_skip = _before;
    }
}
