using LlIcm.Tensors;

namespace LlIcm.Torch.Optimizers;

/// <summary>Adam (Kingma, Ba 2015) and AdamW (Loshchilov, Hutter 2019), arithmetic as PyTorch's.</summary>
public sealed class Adam : IDisposable
{
    private static readonly Operator s_mul = new("_foreach_mul_", "Scalar"), s_add = new("_foreach_add_", "List"),
        s_addcmul = new("_foreach_addcmul_", "Scalar"), s_sqrt = new("_foreach_sqrt"),
        s_div = new("_foreach_div_", "Scalar"), s_addScalar = new("_foreach_add_", "Scalar"),
        s_addcdiv = new("_foreach_addcdiv_", "Scalar");

    private readonly Tensor[] _parameters;
    private readonly Tensor[] _first;
    private readonly Tensor[] _second;
    private readonly (double First, double Second) _betas;
    private readonly double _epsilon;
    private readonly double _weightDecay;
    private readonly bool _decoupled;

    /// <summary>An optimiser over parameters, which are made to require gradients.</summary>
    /// <param name="parameters">The tensors to train.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="weightDecay">L2 penalty, or with <paramref name="decoupled"/> AdamW's shrinking.</param>
    /// <param name="decoupled">AdamW.</param>
    public Adam(
        IEnumerable<Tensor> parameters, double learningRate, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false)
    {
        _parameters = parameters.ToArray();
        foreach (Tensor parameter in _parameters) parameter.RequiresGrad = true;
        using (GradMode.Disable())
        {
            _first = _parameters.Select(each => each.ZerosLike().Unscoped()).ToArray();
            _second = _parameters.Select(each => each.ZerosLike().Unscoped()).ToArray();
        }
        LearningRate = learningRate;
        (_betas, _epsilon, _weightDecay, _decoupled) = ((beta1, beta2), epsilon, weightDecay, decoupled);
    }

    /// <summary>Step size; a schedule sets it before each step.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps made.</summary>
    public long Steps { get; set; }

    /// <summary>The trained tensors.</summary>
    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>First and second moments, in the parameters' order: what a checkpoint needs beside <see cref="Steps"/>.</summary>
    public IReadOnlyList<(Tensor First, Tensor Second)> Moments => _first.Zip(_second).ToArray();

    /// <summary>Drops all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (Tensor parameter in _parameters) parameter.Grad = null;
    }

    /// <summary>Scales the gradients so that their joint 2-norm is at most <paramref name="maximum"/>.</summary>
    /// <returns>The norm before.</returns>
    public double ClipGradNorm(double maximum) => Gradients.ClipNorm(_parameters, maximum);

    /// <summary>One step with the gradients as they are; parameters without gradient stay.</summary>
    public void Step()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Steps++;
        var parameters = new List<Tensor>();
        var gradients = new List<Tensor>();
        var first = new List<Tensor>();
        var second = new List<Tensor>();
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].Grad is not { } gradient) continue;
            parameters.Add(_parameters[i]);
            gradients.Add(gradient);
            first.Add(_first[i]);
            second.Add(_second[i]);
        }
        if (parameters.Count == 0) return;
        Tensor[] p = [.. parameters], g = [.. gradients], m = [.. first], v = [.. second];

        if (_weightDecay != 0)
        {
            if (_decoupled) s_mul.Run(p, 1 - LearningRate * _weightDecay);
            else s_add.Run(g, p, _weightDecay);
        }
        s_mul.Run(m, _betas.First);
        s_add.Run(m, g, 1 - _betas.First);
        s_mul.Run(v, _betas.Second);
        s_addcmul.Run(v, g, g, 1 - _betas.Second);

        double correction1 = 1 - Math.Pow(_betas.First, Steps);
        double correction2 = 1 - Math.Pow(_betas.Second, Steps);
        Tensor[] denominator = s_sqrt.CallMany((Argument)v);
        s_div.Run(denominator, Math.Sqrt(correction2));
        s_addScalar.Run(denominator, _epsilon);
        s_addcdiv.Run(p, m, denominator, -LearningRate / correction1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor each in _first) each.Dispose();
        foreach (Tensor each in _second) each.Dispose();
    }
}
