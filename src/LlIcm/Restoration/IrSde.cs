using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// The mean-reverting SDE dx = θ(μ − x)dt + σ dw of IR-SDE (arXiv 2301.11699), whose mean μ is the degraded picture:
/// time 0 is the clean picture, time T the degraded one plus noise. Coefficients are single precision, computed as in
/// the published code (Algolzw/image-restoration-sde, utils/sde_utils.py): it subtracts nearly equal numbers at small
/// times, so other precisions give visibly other steps.
/// </summary>
/// <remarks>
/// Tensors are <c>[B, C, H, W]</c>; a time is an index 1 … <see cref="Steps"/>, one for the batch or one for each of
/// its pictures.
/// </remarks>
public sealed class IrSde
{
    private readonly float[] _thetas, _sigmas, _cumulative, _sigmaBars;
    private readonly float _maxSigma;

    /// <summary>Computes the schedule.</summary>
    /// <exception cref="ArgumentException">A parameter is out of range.</exception>
    public IrSde(IrSdeOptions? options = null)
    {
        Options = options ?? new IrSdeOptions();
        if (Options.Steps < 1 || Options.SampleSteps < 1) throw new ArgumentException("an SDE needs at least one step");
        if (!(Options.MaxSigma > 0))
            throw new ArgumentException($"the largest sigma must be positive, not {Options.MaxSigma}");
        if (Options.Epsilon is not (> 0 and < 1))
            throw new ArgumentException($"epsilon must be between 0 and 1, not {Options.Epsilon}");

        Steps = Options.SampleSteps ?? Options.Steps;
        TimeScale = (double)Options.Steps / Steps;
        MaxSigma = Options.MaxSigma >= 1 ? Options.MaxSigma / 255 : Options.MaxSigma;
        _maxSigma = (float)MaxSigma;
        _thetas = ThetaSchedules.Thetas(Options.Schedule, Steps);
        _cumulative = ThetaSchedules.Cumulative(_thetas);
        TimeStep = (float)(-Math.Log(Options.Epsilon)) / _cumulative[^1];
        _sigmas = Array.ConvertAll(_thetas, theta => MathF.Sqrt(2 * theta * (_maxSigma * _maxSigma)));
        _sigmaBars = Array.ConvertAll(
            _cumulative, sum => MathF.Sqrt(_maxSigma * _maxSigma * (1 - Exp(-2 * sum * TimeStep))));
    }

    /// <summary>What the schedule was computed from.</summary>
    public IrSdeOptions Options { get; }

    /// <summary>The index of the last time; T, or the number of sampling steps.</summary>
    public int Steps { get; }

    /// <summary>The time that the network is told for index 1: 1, or T over the number of sampling steps.</summary>
    public double TimeScale { get; }

    /// <summary>The stationary standard deviation in the units of the pictures.</summary>
    public double MaxSigma { get; }

    /// <summary>dt: with it, exp(−Σθ·dt) is epsilon at the last time.</summary>
    public float TimeStep { get; }

    /// <summary>θ by index; 0 is not a step.</summary>
    public ReadOnlySpan<float> Thetas => _thetas;

    /// <summary>σ by index.</summary>
    public ReadOnlySpan<float> Sigmas => _sigmas;

    /// <summary>Σθ from index 1 on: 0 at index 0.</summary>
    public ReadOnlySpan<float> CumulativeThetas => _cumulative;

    /// <summary>The marginal's standard deviation by index.</summary>
    public ReadOnlySpan<float> SigmaBars => _sigmaBars;

    /// <summary>The marginal at an index.</summary>
    public Marginal MarginalAt(int t) => new(Exp(-_cumulative[t] * TimeStep), _sigmaBars[t]);

    /// <summary>E[x_t | x₀] = μ + (x₀ − μ)·exp(−Σθ·dt).</summary>
    public Tensor MuBar(Tensor clean, Tensor mu, params ReadOnlySpan<int> t) =>
        mu + (clean - mu) * At(t, clean, k => Exp(-_cumulative[k] * TimeStep));

    /// <summary>A state of the forward process: mean plus σ̄·noise.</summary>
    public Tensor State(Tensor clean, Tensor mu, Tensor noise, params ReadOnlySpan<int> t) =>
        noise * SigmaBar(noise, t) + MuBar(clean, mu, t);

    /// <summary>The state at time T: μ plus noise of the largest sigma.</summary>
    public Tensor NoiseState(Tensor mu, Tensor noise) => mu + noise * _maxSigma;

    /// <summary>The noise that makes <paramref name="state"/> from <paramref name="clean"/>.</summary>
    public Tensor RealNoise(Tensor state, Tensor clean, Tensor mu, params ReadOnlySpan<int> t) =>
        (state - MuBar(clean, mu, t)) / SigmaBar(state, t);

    /// <summary>The score ∇ log p(x_t | x₀).</summary>
    public Tensor RealScore(Tensor state, Tensor clean, Tensor mu, params ReadOnlySpan<int> t) =>
        (state - MuBar(clean, mu, t)).Neg() / At(t, state, k => _sigmaBars[k] * _sigmaBars[k]);

    /// <summary>The score of a predicted noise: −ε/σ̄.</summary>
    public Tensor ScoreFromNoise(Tensor noise, params ReadOnlySpan<int> t) => noise.Neg() / SigmaBar(noise, t);

    /// <summary>x₀ from a state and its noise.</summary>
    public Tensor CleanFromNoise(Tensor state, Tensor noise, Tensor mu, params ReadOnlySpan<int> t) =>
        (state - mu - SigmaBar(state, t) * noise) * At(t, state, k => Exp(_cumulative[k] * TimeStep)) + mu;

    /// <summary>The noise from a state and a predicted clean picture.</summary>
    /// <remarks>
    /// σ̄ is bounded from below by a thousandth of the largest sigma, where a division would only amplify errors.
    /// </remarks>
    public Tensor NoiseFromClean(Tensor state, Tensor clean, Tensor mu, params ReadOnlySpan<int> t) =>
        (state - MuBar(clean, mu, t)) / At(t, state, k => MathF.Max(_sigmaBars[k], 1e-3f * _maxSigma));

    /// <summary>The forward drift θ(μ − x)dt.</summary>
    public Tensor Drift(Tensor state, Tensor mu, params ReadOnlySpan<int> t) =>
        Theta(state, t) * (mu - state) * TimeStep;

    /// <summary>A step of the forward SDE; the noise is added.</summary>
    public Tensor ForwardStep(Tensor state, Tensor mu, Tensor noise, params ReadOnlySpan<int> t) =>
        state + Drift(state, mu, t) + Dispersion(noise, t);

    /// <summary>The reverse SDE's drift (θ(μ − x) − σ²·score)dt.</summary>
    public Tensor SdeReverseDrift(Tensor state, Tensor score, Tensor mu, params ReadOnlySpan<int> t) =>
        (Theta(state, t) * (mu - state) - At(t, state, k => _sigmas[k] * _sigmas[k]) * score) * TimeStep;

    /// <summary>The probability-flow drift (θ(μ − x) − ½σ²·score)dt.</summary>
    public Tensor OdeReverseDrift(Tensor state, Tensor score, Tensor mu, params ReadOnlySpan<int> t) =>
        (Theta(state, t) * (mu - state) - At(t, state, k => 0.5f * (_sigmas[k] * _sigmas[k])) * score) * TimeStep;

    /// <summary>The mean of a reverse SDE step.</summary>
    public Tensor ReverseSdeStepMean(Tensor state, Tensor score, Tensor mu, params ReadOnlySpan<int> t) =>
        state - SdeReverseDrift(state, score, mu, t);

    /// <summary>A reverse SDE step; the noise is subtracted.</summary>
    public Tensor ReverseSdeStep(Tensor state, Tensor score, Tensor mu, Tensor noise, params ReadOnlySpan<int> t) =>
        state - SdeReverseDrift(state, score, mu, t) - Dispersion(noise, t);

    /// <summary>A step of the probability-flow ODE.</summary>
    public Tensor ReverseOdeStep(Tensor state, Tensor score, Tensor mu, params ReadOnlySpan<int> t) =>
        state - OdeReverseDrift(state, score, mu, t);

    /// <summary>The most likely x_{t−1} given x_t and x₀: the training target (IR-SDE, proposition 3.2).</summary>
    public Tensor ReverseOptimumStep(Tensor state, Tensor clean, Tensor mu, params ReadOnlySpan<int> t)
    {
        Tensor stateTerm = At(t, state, k => OptimumTerms(k).State);
        Tensor cleanTerm = At(t, state, k => OptimumTerms(k).Clean);
        return stateTerm * (state - mu) + cleanTerm * (clean - mu) + mu;
    }

    /// <summary>The posterior's standard deviation at an index; some 1e-11, not 0, at 1.</summary>
    public float ReverseOptimumStd(int t)
    {
        float a = Exp(-2 * _thetas[t] * TimeStep), b = Exp(-2 * _cumulative[t] * TimeStep);
        float c = Exp(-2 * _cumulative[t - 1] * TimeStep);
        float variance = (1 - a) * (1 - c) / (1 - b);
        return Exp(0.5f * (float)Math.Log(MathF.Max(variance, 1e-20f * TimeStep))) * _maxSigma;
    }

    /// <summary>
    /// A step of posterior sampling (arXiv 2404.09732) from the predicted noise; the random noise is added.
    /// </summary>
    public Tensor ReversePosteriorStep(
        Tensor state, Tensor predictedNoise, Tensor mu, Tensor noise, params ReadOnlySpan<int> t) =>
        PosteriorStepFromClean(state, CleanFromNoise(state, predictedNoise, mu, t), mu, noise, t);

    /// <summary>A step of posterior sampling from the predicted clean picture.</summary>
    public Tensor PosteriorStepFromClean(
        Tensor state, Tensor clean, Tensor mu, Tensor noise, params ReadOnlySpan<int> t) =>
        ReverseOptimumStep(state, clean, mu, t) + At(t, state, ReverseOptimumStd) * noise;

    /// <summary>
    /// The training loss: the distance between the mean of the reverse step under the predicted noise and the optimum
    /// step, as a mean a picture, then over the batch.
    /// </summary>
    /// <param name="predictedNoise">The network's output.</param>
    /// <param name="state">What the network saw.</param>
    /// <param name="clean">The target.</param>
    /// <param name="mu">The degraded picture.</param>
    /// <param name="squared">Mean squared instead of absolute differences.</param>
    /// <param name="weighted">Whether each picture counts exp(−Σθ·dt) instead of 1.</param>
    /// <param name="t">The pictures' times.</param>
    /// <returns>A scalar.</returns>
    public Tensor MatchingLoss(
        Tensor predictedNoise, Tensor state, Tensor clean, Tensor mu, bool squared, bool weighted,
        params ReadOnlySpan<int> t) =>
        MatchingLosses(predictedNoise, state, clean, mu, squared, weighted, t).Mean();

    /// <summary>The same for each picture.</summary>
    /// <inheritdoc cref="MatchingLoss"/>
    /// <returns>[B, 1, 1, 1].</returns>
    public Tensor MatchingLosses(
        Tensor predictedNoise, Tensor state, Tensor clean, Tensor mu, bool squared, bool weighted,
        params ReadOnlySpan<int> t)
    {
        Tensor mean = ReverseSdeStepMean(state, ScoreFromNoise(predictedNoise, t), mu, t);
        Tensor difference = mean - ReverseOptimumStep(state, clean, mu, t);
        Tensor each = (squared ? difference.Square() : difference.Abs()).Mean([1, 2, 3], keep: true);
        return weighted ? each * At(t, each, Weight) : each;
    }

    /// <summary>exp(−Σθ·dt), the optional weight of a time in the loss.</summary>
    public float Weight(int t) => Exp(-_cumulative[t] * TimeStep);

    private (float State, float Clean) OptimumTerms(int t)
    {
        float a = Exp(-_thetas[t] * TimeStep);
        float b = Exp(-_cumulative[t] * TimeStep), c = Exp(-_cumulative[t - 1] * TimeStep);
        float rest = 1 - b * b;
        return (a * (1 - c * c) / rest, c * (1 - a * a) / rest);
    }

    private Tensor Dispersion(Tensor noise, ReadOnlySpan<int> t) =>
        At(t, noise, k => _sigmas[k]) * (noise * MathF.Sqrt(TimeStep));

    private Tensor SigmaBar(Tensor like, ReadOnlySpan<int> t) => At(t, like, k => _sigmaBars[k]);

    private Tensor Theta(Tensor like, ReadOnlySpan<int> t) => At(t, like, k => _thetas[k]);

    /// <summary>A coefficient as [1 or B, 1, 1, 1].</summary>
    private Tensor At(ReadOnlySpan<int> t, Tensor like, Func<int, float> coefficient)
    {
        var values = new float[t.Length];
        for (int i = 0; i < t.Length; i++)
        {
            if (t[i] < 1 || t[i] > Steps)
                throw new ArgumentOutOfRangeException(nameof(t), $"time {t[i]} is not 1 to {Steps}");
            values[i] = coefficient(t[i]);
        }
        return Tensor.From<float>(values, [t.Length, 1, 1, 1], like.Device);
    }

    /// <summary>Rounded once: what a good single-precision exponential gives.</summary>
    private static float Exp(float x) => (float)Math.Exp(x);
}
