using LlIcm.Tensors;

namespace LlIcm.Torch.Optimizers;

/// <summary>A slowly following copy of parameters, used in their place for inference.</summary>
public sealed class ExponentialMovingAverage : IDisposable
{
    private readonly Tensor[] _source;
    private readonly Tensor[] _average;

    /// <summary>Starts as a copy.</summary>
    /// <param name="parameters">The tensors to follow.</param>
    public ExponentialMovingAverage(IEnumerable<Tensor> parameters)
    {
        using var noGrad = GradMode.Disable();
        _source = parameters.ToArray();
        _average = _source.Select(each => each.Detach().Clone().Unscoped()).ToArray();
    }

    /// <summary>The averages, in the parameters' order.</summary>
    public IReadOnlyList<Tensor> Averages => _average;

    /// <summary>average ← decay·average + (1 − decay)·parameter.</summary>
    public void Update(double decay)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        for (int i = 0; i < _source.Length; i++) _average[i].LerpInPlace(_source[i].Detach(), 1 - decay);
    }

    /// <summary>Exchanges averages and parameters; call it again to go back.</summary>
    public void Swap()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        for (int i = 0; i < _source.Length; i++)
        {
            Tensor held = _source[i].Detach().Clone();
            _source[i].CopyInPlace(_average[i]);
            _average[i].CopyInPlace(held);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor each in _average) each.Dispose();
    }
}
