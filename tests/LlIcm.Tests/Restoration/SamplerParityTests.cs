using System.Globalization;
using System.Text.Json;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

[Trait("Category", "parity")]
public class SamplerParityTests
{
    /// <summary>Absolute; four times less than what other than single-precision coefficients cost.</summary>
    private const double PosteriorLimit = 5e-4, Limit = 1e-4;

    [FixtureFact("restore", "irsde.json")]
    public void WholeTrajectoriesEqualThePublishedSamplers()
    {
        using var outer = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        JsonElement trajectories = Golden.Json("restore", "irsde.json").GetProperty("trajectories");
        Assert.NotEqual(0, trajectories.GetArrayLength());
        foreach (JsonElement trajectory in trajectories.EnumerateArray())
        {
            using var scope = new TensorScope();
            string name = trajectory.GetProperty("name").GetString()!;
            string model = name.StartsWith("universal", StringComparison.Ordinal) ? "unet.tiny" : "irsde.unet.tiny";
            var kind = Enum.Parse<SamplerKind>(trajectory.GetProperty("mode").GetString()!, ignoreCase: true);
            double limit = kind == SamplerKind.Posterior ? PosteriorLimit : Limit;
            using var weights = Golden.Open("restore", $"{model}.safetensors");
            using ConditionalUNet network = DenoiserCases.LoadUNet(weights);

            var sde = new IrSde(SdeFixtures.Options(trajectory.GetProperty("config")));
            Assert.Equal(trajectory.GetProperty("steps").GetInt32(), sde.Steps);
            Tensor mu = golden["traj.LQ"];
            DenoiserContext context = network.Prepare(golden["traj.text_context"], golden["traj.image_context"]);
            var predict = new FunctionDenoiser(
                PredictionTarget.Noise, (state, time) => network.Forward(state, mu, Tensor.From<float>([(float)time], [1]), context));

            Tensor start = sde.NoiseState(mu, golden["traj.z0"]);
            golden.AssertClose($"traj.{name}.xT", start, limit);
            int checkedSteps = 0;
            Tensor output = Sampler.Walk(
                sde, kind, predict, start, mu, new RecordedNoise(golden["traj.z"]), step =>
                {
                    string after = string.Create(
                        CultureInfo.InvariantCulture, $"traj.{name}.after_step_t{step.Total - step.Done + 1}");
                    if (!golden.Has(after)) return;
                    golden.AssertClose(after, step.State, limit);
                    checkedSteps++;
                });
            golden.AssertClose($"traj.{name}.output", output, limit);
            string prefix = $"traj.{name}.after_step_t";
            Assert.Equal(golden.Names.Count(each => each.StartsWith(prefix, StringComparison.Ordinal)), checkedSteps);
        }
    }
}
