using System.Text.Json;
using LlIcm.Restoration;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

[Trait("Category", "parity")]
public class IrSdeParityTests
{
    [FixtureFact("restore", "irsde.json")]
    public void SchedulesEqualThePublishedCodes()
    {
        using var golden = Golden.Open("restore", "irsde.safetensors");
        JsonElement schedules = Golden.Json("restore", "irsde.json").GetProperty("schedules");
        Assert.NotEqual(0, schedules.GetArrayLength());
        foreach (JsonElement each in schedules.EnumerateArray())
        {
            string name = each.GetProperty("name").GetString()!;
            var sde = new IrSde(SdeFixtures.Options(each));
            // The first thetas are one minus a squared cosine close to one: the last digits of one may differ between versions of libtorch.
            const double digit = 2.4e-7;
            Check("thetas", sde.Thetas, 1e-6, digit);
            Check("sigmas", Squares(sde.Sigmas), 2e-6, 2 * sde.MaxSigma * sde.MaxSigma * digit, squared: true);
            Check("thetas_cumsum", sde.CumulativeThetas, 1e-6, sde.Steps * digit);
            Check("sigma_bars", Squares(sde.SigmaBars), 2e-6, 2 * sde.MaxSigma * sde.MaxSigma * sde.TimeStep * sde.Steps * digit, squared: true);
            Check("dt", [sde.TimeStep], 1e-6);
            if (each.TryGetProperty("sample_scale", out JsonElement scale))
                Assert.Equal(scale.GetDouble(), sde.TimeScale, 1e-12);
            if (each.TryGetProperty("max_sigma", out JsonElement sigma))
                Assert.Equal(sigma.GetDouble(), sde.MaxSigma, 1e-12);

            void Check(string part, ReadOnlySpan<float> actual, double relative, double absolute = 0, bool squared = false)
            {
                float[] expected = golden.File[$"sched.{name}.{part}"].ToFloatArray();
                if (squared) expected = Squares(expected);
                Assert.Equal(expected.Length, actual.Length);
                for (int i = 0; i < expected.Length; i++)
                    Assert.True(
                        Math.Abs(expected[i] - actual[i]) <= relative * Math.Abs(expected[i]) + absolute,
                        $"sched.{name}.{part}[{i}]: expected {expected[i]:r}, got {actual[i]:r}");
            }
        }
    }

    private static float[] Squares(ReadOnlySpan<float> values) => [.. values.ToArray().Select(each => each * each)];

    [FixtureFact("restore", "irsde.json")]
    public void StepMathsEqualsThePublishedCodes()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        JsonElement math = Golden.Json("restore", "irsde.json").GetProperty("math");
        var sde = new IrSde(SdeFixtures.Options(math));
        Tensor x0 = golden["math.x0"], mu = golden["math.mu"], xt = golden["math.xt"];
        Tensor noise = golden["math.noise"], z = golden["math.z"];

        foreach (JsonElement element in math.GetProperty("t").EnumerateArray())
        {
            int t = element.GetInt32();
            Tensor score = sde.ScoreFromNoise(noise, t);
            var results = new Dictionary<string, Tensor>
            {
                ["mu_bar"] = sde.MuBar(x0, mu, t),
                ["state"] = sde.State(x0, mu, noise, t),
                ["drift"] = sde.Drift(xt, mu, t),
                ["score_from_noise"] = score,
                ["real_noise"] = sde.RealNoise(xt, x0, mu, t),
                ["real_score"] = sde.RealScore(xt, x0, mu, t),
                ["init_state_from_noise"] = sde.CleanFromNoise(xt, noise, mu, t),
                ["sde_reverse_drift"] = sde.SdeReverseDrift(xt, score, mu, t),
                ["ode_reverse_drift"] = sde.OdeReverseDrift(xt, score, mu, t),
                ["reverse_sde_step_mean"] = sde.ReverseSdeStepMean(xt, score, mu, t),
                ["reverse_sde_step"] = sde.ReverseSdeStep(xt, score, mu, z, t),
                ["reverse_ode_step"] = sde.ReverseOdeStep(xt, score, mu, t),
                ["reverse_optimum_step"] = sde.ReverseOptimumStep(xt, x0, mu, t),
                ["reverse_posterior_step"] = sde.ReversePosteriorStep(xt, noise, mu, z, t),
                ["forward_step"] = sde.ForwardStep(xt, mu, z, t),
            };
            string prefix = $"math.t{t}.";
            Assert.Equal(
                golden.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
                results.Keys.Select(name => prefix + name).Order(StringComparer.Ordinal));
            foreach ((string name, Tensor result) in results) golden.AssertClose(prefix + name, result, 0, 1e-5);
        }
        golden.AssertClose("math.noise_state", sde.NoiseState(mu, z), 0, 1e-5);

        foreach (JsonElement scalar in math.GetProperty("scalars").EnumerateArray())
        {
            int t = scalar.GetProperty("t").GetInt32();
            Close("sigma", sde.Sigmas[t]);
            Close("theta", sde.Thetas[t]);
            Close("sigma_bar", sde.SigmaBars[t]);
            Close("weight", sde.Weight(t));
            Close("reverse_optimum_std", sde.ReverseOptimumStd(t));
            Close("sqrt_dt", MathF.Sqrt(sde.TimeStep));
            void Close(string name, double actual)
            {
                double expected = scalar.GetProperty(name).GetDouble();
                Assert.True(
                    Math.Abs(actual - expected) <= 1e-5 * expected,
                    $"{name} at {t}: expected {expected}, got {actual}");
            }
        }
    }

    [FixtureFact("restore", "irsde.json")]
    public void TheTrainingTargetEqualsThePublishedCodes()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        JsonElement training = Golden.Json("restore", "irsde.json").GetProperty("training");
        var sde = new IrSde(SdeFixtures.Options(training.GetProperty("sde")));
        int[] t = SdeFixtures.Timesteps(golden);
        Tensor clean = golden["train.GT"], mu = golden["train.LQ"], predicted = golden["train.pred_noise"];

        Tensor state = sde.State(clean, mu, golden["train.noise"], t);
        golden.AssertClose("train.state", state, 0, 1e-5);
        Tensor mean = sde.ReverseSdeStepMean(state, sde.ScoreFromNoise(predicted, t), mu, t);
        golden.AssertClose("train.step_mean", mean, 0, 1e-5);
        golden.AssertClose("train.optimum", sde.ReverseOptimumStep(state, clean, mu, t), 0, 1e-5);
        Close("loss", squared: false, weighted: false);
        Close("loss_l2", squared: true, weighted: false);
        Close("loss_l1_weighted_by_sde_weights", squared: false, weighted: true);

        void Close(string name, bool squared, bool weighted)
        {
            double expected = training.GetProperty(name).GetDouble();
            double actual = sde.MatchingLoss(predicted, state, clean, mu, squared, weighted, t).Item();
            Assert.True(Math.Abs(actual - expected) <= 1e-5 * expected, $"{name}: expected {expected}, got {actual}");
        }
    }
}
