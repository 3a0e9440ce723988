using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>Walks from a noisy state at time T to a restored picture.</summary>
public static class Sampler
{
    /// <summary>Starts from μ plus noise and samples.</summary>
    /// <param name="sde">What the network was trained with; its <see cref="IrSdeOptions.SampleSteps"/> is
    /// ignored.</param>
    /// <param name="options">How.</param>
    /// <param name="denoiser">The network.</param>
    /// <param name="mu">The degraded picture [B, C, H, W].</param>
    /// <param name="noise">Random numbers: those of the start first, then those of each step that draws any.</param>
    /// <param name="afterStep">Called after each step.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <exception cref="ArgumentException">The options don't fit each other.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Tensor Sample(
        IrSdeOptions sde, SamplerOptions options, Denoiser denoiser, Tensor mu, INoiseSource noise,
        Action<SamplerStep>? afterStep = null, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        if (options.Kind is SamplerKind.Mars or SamplerKind.MarsSde)
        {
            var full = new IrSde(sde with { SampleSteps = null });
            var solver = new MarsSolver(full)
            {
                Steps = options.Steps ?? full.Steps,
                Order = options.Order,
                Stochastic = options.Kind == SamplerKind.MarsSde,
                Spacing = options.Spacing,
            };
            Tensor begin = full.NoiseState(mu, noise.Next(mu.Shape, mu.Device));
            return scope.Keep(solver.Solve(denoiser, begin, mu, noise, afterStep, cancellation));
        }
        var process = new IrSde(sde with { SampleSteps = options.Steps });
        Tensor start = process.NoiseState(mu, noise.Next(mu.Shape, mu.Device));
        return scope.Keep(Walk(process, options.Kind, denoiser, start, mu, noise, afterStep, cancellation));
    }

    /// <summary>The published samplers, one step an index of the schedule.</summary>
    /// <param name="sde">The process; rebuilt for fewer steps where it has <see
    /// cref="IrSdeOptions.SampleSteps"/>.</param>
    /// <param name="kind">Posterior, SDE or ODE.</param>
    /// <param name="denoiser">The network.</param>
    /// <param name="start">The state at time T.</param>
    /// <param name="mu">The degraded picture.</param>
    /// <param name="noise">One draw a step, except for the ODE.</param>
    /// <param name="afterStep">Called after each step.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <exception cref="ArgumentException">The kind belongs to <see cref="MarsSolver"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Tensor Walk(
        IrSde sde, SamplerKind kind, Denoiser denoiser, Tensor start, Tensor mu, INoiseSource noise,
        Action<SamplerStep>? afterStep = null, CancellationToken cancellation = default)
    {
        Tensor state = start.Alias();
        for (int t = sde.Steps; t >= 1; t--)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            Tensor next = kind switch
            {
                SamplerKind.Posterior => sde.PosteriorStepFromClean(
                    state, denoiser.Clean(sde, state, mu, t), mu, Draw(), t),
                SamplerKind.Sde => sde.ReverseSdeStep(state, Score(), mu, Draw(), t),
                SamplerKind.Ode => sde.ReverseOdeStep(state, Score(), mu, t),
                _ => throw new ArgumentException($"{kind} does not walk the schedule index by index"),
            };
            scope.Keep(next);
            state.Dispose();
            state = next;
            afterStep?.Invoke(new SamplerStep(sde.Steps - t + 1, sde.Steps, state));

            Tensor Score() => sde.ScoreFromNoise(denoiser.Noise(sde, state, mu, t), t);
            Tensor Draw() => noise.Next(state.Shape, state.Device);
        }
        return state;
    }
}
