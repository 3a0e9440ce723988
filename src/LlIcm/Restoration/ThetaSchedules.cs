using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>The θ tables of the published code, in single precision.</summary>
internal static class ThetaSchedules
{
    /// <summary>θ for indices 0 … steps.</summary>
    public static float[] Thetas(ThetaSchedule schedule, int steps) => schedule switch
    {
        ThetaSchedule.Cosine => Cosine(steps),
        ThetaSchedule.Linear => Linear(0.1 / (steps + 1), 20.0 / (steps + 1), steps + 1),
        ThetaSchedule.Constant => Enumerable.Repeat(1f, steps + 1).ToArray(),
        _ => throw new ArgumentException($"unknown schedule {schedule}"),
    };

    /// <summary>Running sum without the first θ: index 0, which is never a step, holds 0.</summary>
    public static float[] Cumulative(float[] thetas)
    {
        var sums = new float[thetas.Length];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            sum += thetas[i];
            sums[i] = (float)sum - thetas[0];
        }
        return sums;
    }

    /// <summary>
    /// By libtorch, whose single-precision cosine is not always the nearest float: 1 − cos² turns its last bit into a
    /// hundred thousandth of the first θ's.
    /// </summary>
    private static float[] Cosine(int steps)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        int length = steps + 2;
        Tensor angles = (Tensor.Arange(0, length + 1) / length + 0.008) / 1.008 * Math.PI * 0.5;
        float[] kept = angles.Cos().Square().ToArray<float>();
        return [.. Enumerable.Range(1, steps + 1).Select(k => 1 - kept[k] / kept[0])];
    }

    /// <summary>libtorch's linspace: it counts from both ends.</summary>
    private static float[] Linear(double from, double to, int count)
    {
        float start = (float)from, end = (float)to, step = count > 1 ? (end - start) / (count - 1) : 0;
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = i < count / 2 ? start + step * i : end - step * (count - i - 1);
        return values;
    }
}
