using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>What a sampler needs of a network whose conditions are bound: the clean picture of a state, or its noise.</summary>
public abstract class Denoiser
{
    /// <summary>What <see cref="Predict"/> returns.</summary>
    public abstract PredictionTarget Target { get; }

    /// <summary>Evaluates the network.</summary>
    /// <param name="state">[B, C, H, W].</param>
    /// <param name="mu">The degraded picture, of the state's shape.</param>
    /// <param name="time">0 … T in the steps the network was trained with; may be fractional.</param>
    /// <returns>The clean picture or the noise in the state, of its shape.</returns>
    public abstract Tensor Predict(Tensor state, Tensor mu, double time);

    /// <summary>The noise in a state at an index of <paramref name="sde"/>.</summary>
    internal Tensor Noise(IrSde sde, Tensor state, Tensor mu, int t)
    {
        Tensor output = Predict(state, mu, t * sde.TimeScale);
        return Target == PredictionTarget.Noise ? output : sde.NoiseFromClean(state, output, mu, t);
    }

    /// <summary>The clean picture of a state at an index of <paramref name="sde"/>.</summary>
    internal Tensor Clean(IrSde sde, Tensor state, Tensor mu, int t)
    {
        Tensor output = Predict(state, mu, t * sde.TimeScale);
        return Target == PredictionTarget.Clean ? output : sde.CleanFromNoise(state, output, mu, t);
    }

    /// <summary>The clean picture of a state with a given marginal.</summary>
    internal Tensor Clean(Tensor state, Tensor mu, Marginal marginal, double time)
    {
        Tensor output = Predict(state, mu, time);
        return Target == PredictionTarget.Clean
            ? output : (state - mu - output * marginal.Sigma) * (1 / marginal.Alpha) + mu;
    }
}
