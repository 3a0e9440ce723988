using LlIcm.Restoration;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

public class MarsSolverTests
{
    /// <summary>
    /// Standard deviation of the clean pictures around their mean, for which the best prediction is known exactly.
    /// </summary>
    private const double Spread = 0.15;

    private static readonly IrSde s_sde = new();

    [Fact]
    public void TheMarginalIsThatOfTheProcess()
    {
        var solver = new MarsSolver(s_sde);
        Assert.Equal(new Marginal(1, 0), solver.MarginalAt(0));
        foreach (int t in (int[])[1, 2, 17, 50, 99, 100])
        {
            Assert.Equal(s_sde.MarginalAt(t).Alpha, solver.MarginalAt(t).Alpha, 1e-6);
            Assert.Equal(s_sde.SigmaBars[t], solver.MarginalAt(t).Sigma, 1e-6);
        }
    }

    [Theory]
    [InlineData(StepSpacing.Time, 1)]
    [InlineData(StepSpacing.Time, 7)]
    [InlineData(StepSpacing.LogSignalToNoise, 1)]
    [InlineData(StepSpacing.LogSignalToNoise, 2)]
    [InlineData(StepSpacing.LogSignalToNoise, 7)]
    public void TimesFallFromTheEndToZero(StepSpacing spacing, int steps)
    {
        double[] times = new MarsSolver(s_sde) { Steps = steps, Spacing = spacing }.Times();
        Assert.Equal(steps + 1, times.Length);
        Assert.Equal(s_sde.Steps, times[0]);
        Assert.Equal(0, times[^1]);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.First > pair.Second, string.Join(" ", times)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void AKnownCleanPictureIsReached(int steps, bool stochastic)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor mu = Tensor.Rand(1, 3, 4, 5), clean = Tensor.Rand(1, 3, 4, 5);
        var noise = new SeededNoise(4);
        var solver = new MarsSolver(s_sde) { Steps = steps, Stochastic = stochastic };
        var known = new FunctionDenoiser(PredictionTarget.Clean, (_, _) => clean);
        Tensor start = s_sde.NoiseState(mu, noise.Next(mu.Shape, Device.Cpu));
        Golden.AssertClose(clean, solver.Solve(known, start, mu, noise), 1e-6);
    }

    [Fact]
    public void APredictorOfNoiseAndOneOfTheCleanPictureGiveTheSameIfTheyKnowTheSame()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor mu = Tensor.Rand(1, 3, 4, 5), start = s_sde.NoiseState(mu, Tensor.Randn(1, 3, 4, 5));
        var solver = new MarsSolver(s_sde) { Steps = 6 };
        var clean = new FunctionDenoiser(PredictionTarget.Clean, (state, time) => Expected(state, mu, solver.MarginalAt(time)));
        var noise = new FunctionDenoiser(PredictionTarget.Noise, (state, time) =>
        {
            Marginal at = solver.MarginalAt(time);
            return (state - mu - (Expected(state, mu, at) - mu) * at.Alpha) / at.Sigma;
        });
        Golden.AssertClose(solver.Solve(clean, start, mu, Silent), solver.Solve(noise, start, mu, Silent), 1e-4);
    }

    /// <summary>Pictures spread as a Gaussian around μ have an ODE with a known solution: y·√(α²s² + σ²).</summary>
    [Theory]
    [InlineData(1, 1.8)]
    [InlineData(2, 3.4)]
    public void TheErrorFallsWithThePowerOfTheOrder(int order, double atLeast)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        const double Until = 20;
        double Error(int steps)
        {
            var solver = new MarsSolver(s_sde) { Order = order };
            double[] times = [.. Enumerable.Range(0, steps + 1)
                .Select(i => s_sde.Steps + (Until - s_sde.Steps) * i / steps)];
            Tensor mu = Tensor.Zeros([1, 1, 1, 1], ScalarType.Double), start = mu + 1;
            var expected = new FunctionDenoiser(PredictionTarget.Clean, (state, time) => Expected(state, mu, solver.MarginalAt(time)));
            double result = solver.Solve(expected, start, mu, Silent, times, null, default).Item();
            double exact = Deviation(solver.MarginalAt(Until)) / Deviation(solver.MarginalAt(s_sde.Steps));
            return Math.Abs(result - exact);
        }
        double coarse = Error(160), fine = Error(320);
        Assert.True(coarse / fine > atLeast, $"the error went from {coarse:g3} to {fine:g3} with half the step");
    }

    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 40)]
    public void TheStochasticSolutionHasTheRightSpread(int order, int steps)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        var solver = new MarsSolver(s_sde) { Order = order, Steps = steps, Stochastic = true };
        var noise = new SeededNoise(11);
        Tensor mu = Tensor.Zeros([1, 1, 100, 100]);
        var expected = new FunctionDenoiser(PredictionTarget.Clean, (state, time) => Expected(state, mu, solver.MarginalAt(time)));
        Tensor start = s_sde.NoiseState(mu, noise.Next(mu.Shape, Device.Cpu));
        Tensor result = solver.Solve(expected, start, mu, noise);
        double deviation = Math.Sqrt(result.Square().Mean().Item());
        Assert.InRange(deviation, 0.95 * Spread, 1.05 * Spread);
    }

    [Fact]
    public void WrongOptionsAreRefused()
    {
        using Tensor mu = Tensor.Zeros([1, 1, 1, 1]);
        var none = new FunctionDenoiser(PredictionTarget.Clean, (state, _) => state);
        Assert.Throws<ArgumentException>(() => new MarsSolver(s_sde) { Steps = 0 }.Times());
        Assert.Throws<ArgumentException>(() => new MarsSolver(s_sde) { Order = 3 }.Solve(none, mu, mu, Silent));
        Assert.Throws<ArgumentException>(() => new MarsSolver(new IrSde(new IrSdeOptions { SampleSteps = 5 })));
    }

    private static SeededNoise Silent => new(0);

    /// <summary>E[x₀ | x] for x₀ ~ N(μ, s²).</summary>
    private static Tensor Expected(Tensor state, Tensor mu, Marginal at)
    {
        double variance = at.Alpha * at.Alpha * Spread * Spread + at.Sigma * at.Sigma;
        return mu + (state - mu) * (at.Alpha * Spread * Spread / variance);
    }

    private static double Deviation(Marginal at) =>
        Math.Sqrt(at.Alpha * at.Alpha * Spread * Spread + at.Sigma * at.Sigma);
}
