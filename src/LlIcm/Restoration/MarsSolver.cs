using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// The fast solver for mean-reverting diffusion (MaRS, arXiv 2502.07856): the linear part of the equation is solved
/// exactly, the network's part by a multistep formula of order 1 or 2 in the log of the signal-to-noise ratio. Works
/// with unchanged weights.
/// </summary>
/// <remarks>
/// With α and σ of the marginal, λ = ln α − ln σ, h the step in λ, y = x − μ, and q the predicted clean picture minus
/// μ: ODE: y ← (σ/σ′)·y − α(φ₁·q + φ₂·…), φ₁ = e^−h − 1; SDE: the same with e^−2h, and noise. α is the exponential of
/// IR-SDE's own sum of θ, which starts after the first θ: so α is 1 and σ is 0 at time 0, and every state the network
/// sees has the marginal it was trained with. Between two indices the sum is interpolated. The last step goes to time
/// 0, where λ is infinite: there the formula of order 1 is the predicted picture itself.
/// </remarks>
public sealed class MarsSolver
{
    private readonly IrSde _sde;

    /// <summary>A solver for a process; its schedule is that of training, not one rebuilt for fewer steps.</summary>
    /// <exception cref="ArgumentException">The process was rebuilt for fewer steps.</exception>
    public MarsSolver(IrSde sde)
    {
        if (sde.Steps != sde.Options.Steps)
            throw new ArgumentException("the solver chooses its own times: give it the schedule of training");
        _sde = sde;
    }

    /// <summary>Evaluations of the network.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>1 or 2.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Whether the reverse SDE is solved instead of the ODE.</summary>
    public bool Stochastic { get; init; }

    /// <summary>Where the steps lie.</summary>
    public StepSpacing Spacing { get; init; } = StepSpacing.LogSignalToNoise;

    /// <summary>The marginal at any time from 0 to T.</summary>
    public Marginal MarginalAt(double time)
    {
        int below = Math.Min((int)time, _sde.Steps - 1);
        double from = _sde.CumulativeThetas[below], to = _sde.CumulativeThetas[below + 1];
        double sum = from + (to - from) * (time - below);
        double alpha = Math.Exp(-sum * _sde.TimeStep);
        return new Marginal(alpha, _sde.MaxSigma * Math.Sqrt(1 - alpha * alpha));
    }

    /// <summary>The times of the evaluations, from T downwards, and 0 at the end.</summary>
    /// <exception cref="ArgumentException"><see cref="Steps"/> is not positive.</exception>
    public double[] Times()
    {
        if (Steps < 1) throw new ArgumentException($"the solver needs at least one step, not {Steps}");
        var times = new double[Steps + 1];
        double last = _sde.Steps, first = Lambda(MarginalAt(last)), final = Lambda(MarginalAt(1));
        for (int i = 0; i < Steps; i++)
        {
            times[i] = i == 0 ? last
                : Spacing == StepSpacing.Time ? last * (Steps - i) / Steps
                : TimeOf(first + (final - first) * i / (Steps - 1));
        }
        return times;
    }

    /// <summary>Solves from time T to time 0.</summary>
    /// <param name="denoiser">The network.</param>
    /// <param name="start">The state at time T, μ plus noise of the largest sigma.</param>
    /// <param name="mu">The degraded picture.</param>
    /// <param name="noise">One draw a step but the last, if <see cref="Stochastic"/>.</param>
    /// <param name="afterStep">Called after each step.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <exception cref="ArgumentException">Steps or order are out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Tensor Solve(
        Denoiser denoiser, Tensor start, Tensor mu, INoiseSource noise,
        Action<SamplerStep>? afterStep = null, CancellationToken cancellation = default) =>
        Solve(denoiser, start, mu, noise, Times(), afterStep, cancellation);

    /// <summary>Solves along given times, so that a test can stop before 0.</summary>
    internal Tensor Solve(
        Denoiser denoiser, Tensor start, Tensor mu, INoiseSource noise, double[] times,
        Action<SamplerStep>? afterStep, CancellationToken cancellation)
    {
        if (Order is not (1 or 2)) throw new ArgumentException($"the solver has orders 1 and 2, not {Order}");
        Tensor state = start.Alias();
        Tensor? before = null;
        double previousStep = 0;
        for (int i = 1; i < times.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            Marginal from = MarginalAt(times[i - 1]), to = MarginalAt(times[i]);
            Tensor clean = denoiser.Clean(state, mu, from, times[i - 1]) - mu;
            double step = Lambda(to) - Lambda(from);
            bool second = Order == 2 && before is not null && double.IsFinite(step);

            (double keep, double current, double slope) = Coefficients(from, to, step);
            Tensor next = mu + (state - mu) * keep + clean * current;
            if (second) next += (clean - before!) * (slope * step / previousStep);
            if (Stochastic && to.Sigma > 0)
                next += noise.Next(state.Shape, state.Device) * (to.Sigma * Math.Sqrt(1 - Math.Exp(-2 * step)));

            before?.Dispose();
            before = scope.Keep(clean);
            previousStep = step;
            scope.Keep(next);
            state.Dispose();
            state = next;
            afterStep?.Invoke(new SamplerStep(i, times.Length - 1, state));
        }
        before?.Dispose();
        return state;
    }

    /// <summary>The factors of y, of q, and of the estimated change of q over the step.</summary>
    private (double Keep, double Current, double Slope) Coefficients(Marginal from, Marginal to, double step)
    {
        if (!double.IsFinite(step)) return (0, to.Alpha, 0);
        int rate = Stochastic ? 2 : 1;
        double decay = Math.Exp(-rate * step);
        double keep = to.Sigma / from.Sigma * (Stochastic ? Math.Exp(-step) : 1);
        return (keep, to.Alpha * (1 - decay), to.Alpha * (1 - (1 - decay) / (rate * step)));
    }

    private static double Lambda(Marginal marginal) => Math.Log(marginal.Alpha) - Math.Log(marginal.Sigma);

    private double TimeOf(double lambda)
    {
        double ratio = Math.Exp(lambda) * _sde.MaxSigma;
        double sum = -Math.Log(ratio / Math.Sqrt(1 + ratio * ratio)) / _sde.TimeStep;
        ReadOnlySpan<float> sums = _sde.CumulativeThetas;
        int below = 0;
        while (below < _sde.Steps - 1 && sums[below + 1] < sum) below++;
        return below + Math.Clamp((sum - sums[below]) / (sums[below + 1] - sums[below]), 0, 1);
    }
}
