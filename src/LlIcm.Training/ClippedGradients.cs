using LlIcm.Tensors;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training;

/// <summary>
/// The mean of single samples' gradients, none longer than a bound: the few whose gradient is a hundred times as long as the others'
/// do not decide a step.
/// </summary>
/// <param name="optimizers">Whose parameters.</param>
/// <param name="maximum">Largest 2-norm of a sample's gradient.</param>
/// <param name="apart">Whether the bound holds for each optimiser's gradient by itself.</param>
internal sealed class ClippedGradients(IReadOnlyList<StageOptimizer> optimizers, double maximum, bool apart)
{
    private readonly (string Suffix, Tensor[] Parameters)[] _groups = apart
        ? [.. optimizers.Select(each => ("_" + each.Name, each.Adam.Parameters.ToArray()))]
        : [("", [.. optimizers.SelectMany(each => each.Adam.Parameters)])];

    private readonly Dictionary<Tensor, Tensor> _sums = [];

    /// <summary>Takes one sample's gradients from the parameters, which have none afterwards.</summary>
    /// <param name="share">The sample's share of the batch.</param>
    /// <param name="scale">What its loss was multiplied by; the mean is multiplied by it, too.</param>
    /// <returns>
    /// <c>clipped</c>: 1 if they were too long, else 0; <c>signal</c> (of each optimiser, if apart): the square of what was left of their
    /// norm, for <see cref="Compare"/>.
    /// </returns>
    public (string Name, double Value)[] Take(double share, double scale)
    {
        using var noGrad = GradMode.Disable();
        double[] norms = new double[_groups.Length];
        for (int i = 0; i < norms.Length; i++)
        {
            norms[i] = Gradients.ClipNorm(_groups[i].Parameters, maximum * scale) / scale;
            foreach (Tensor parameter in _groups[i].Parameters)
            {
                Tensor? gradient = parameter.Grad;
                if (gradient is null) continue;
                parameter.Grad = null;
                if (_sums.TryGetValue(parameter, out Tensor? sum)) sum.AddInPlace(gradient, share);
                else _sums[parameter] = gradient.MulInPlace(share).Unscoped();
            }
        }
        return
        [
            ("clipped", norms.Any(each => each > maximum) ? 1 : 0),
            .. _groups.Zip(norms, (group, norm) => ("signal" + group.Suffix, Math.Pow(Math.Min(norm, maximum), 2))),
        ];
    }

    /// <summary>Gives the parameters the mean, and starts anew.</summary>
    public void Put()
    {
        foreach ((Tensor parameter, Tensor sum) in _sums)
        {
            parameter.Grad = sum;
            sum.Dispose();
        }
        _sums.Clear();
    }

    /// <summary>
    /// Makes of the mean squares in <c>signal</c> what two samples' gradients have in common: the mean product of two of them by their mean
    /// square. 1: all are equal; 0: nothing but chance; the mean of 1/signal samples is as much signal as noise.
    /// </summary>
    /// <param name="values">A step's means over all samples.</param>
    /// <param name="samples">How many those were.</param>
    /// <param name="norms">Norms of their mean gradient: <c>gradient</c>, or <c>gradient_NAME</c> of each optimiser.</param>
    public static void Compare(List<(string Name, double Value)> values, int samples, IEnumerable<(string Name, double Value)> norms)
    {
        foreach ((string name, double norm) in norms)
        {
            int at = values.FindIndex(each => each.Name == name.Replace("gradient", "signal", StringComparison.Ordinal));
            if (at < 0) continue;
            double meanSquare = values[at].Value;
            if (samples == 1 || meanSquare == 0) values.RemoveAt(at);
            else values[at] = (values[at].Name, (norm * norm / meanSquare * samples - 1) / (samples - 1));
        }
    }
}
