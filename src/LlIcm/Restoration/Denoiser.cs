using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>A predictor of either kind; each sampler asks for the form it needs.</summary>
public sealed class Denoiser
{
    private readonly Func<Tensor, double, Tensor> _predict;

    /// <summary>From a predictor of the noise.</summary>
    public Denoiser(NoisePredictor predictor) => (_predict, Target) = (predictor.Invoke, PredictionTarget.Noise);

    /// <summary>From a predictor of the clean picture.</summary>
    public Denoiser(CleanPredictor predictor) => (_predict, Target) = (predictor.Invoke, PredictionTarget.Clean);

    /// <summary>What the predictor itself returns.</summary>
    public PredictionTarget Target { get; }

    /// <summary>A predictor of the noise as it is.</summary>
    public static implicit operator Denoiser(NoisePredictor predictor) => new(predictor);

    /// <summary>A predictor of the clean picture as it is.</summary>
    public static implicit operator Denoiser(CleanPredictor predictor) => new(predictor);

    /// <summary>The noise in a state at an index of <paramref name="sde"/>.</summary>
    internal Tensor Noise(IrSde sde, Tensor state, Tensor mu, int t)
    {
        Tensor output = _predict(state, t * sde.TimeScale);
        return Target == PredictionTarget.Noise ? output : sde.NoiseFromClean(state, output, mu, t);
    }

    /// <summary>The clean picture of a state at an index of <paramref name="sde"/>.</summary>
    internal Tensor Clean(IrSde sde, Tensor state, Tensor mu, int t)
    {
        Tensor output = _predict(state, t * sde.TimeScale);
        return Target == PredictionTarget.Clean ? output : sde.CleanFromNoise(state, output, mu, t);
    }

    /// <summary>The clean picture of a state with a given marginal.</summary>
    internal Tensor Clean(Tensor state, Tensor mu, Marginal marginal, double time)
    {
        Tensor output = _predict(state, time);
        return Target == PredictionTarget.Clean
            ? output : (state - mu - output * marginal.Sigma) * (1 / marginal.Alpha) + mu;
    }
}
