using System.Text.Json;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;
using LlIcm.Training.Joint;

namespace LlIcm.Training.Tests.Joint;

[Trait("Category", "parity")]
public class JointParityTests
{
    [FixtureFact("restore", "irsde.json")]
    public void TheTaskLossAndItsGradientsEqualThePublishedTraining()
    {
        using var scope = new TensorScope();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        using var weights = Golden.Open("restore", "unet.tiny.safetensors");
        using ConditionalUNet network = Load(weights);
        network.RequireGrad();
        JsonElement training = Golden.Json("restore", "irsde.json").GetProperty("training");
        Assert.False(training.GetProperty("is_weighted").GetBoolean());
        Tensor mu = golden["train.LQ"], degradation = golden["train.text_context"], content = golden["train.image_context"];
        foreach (Tensor input in (Tensor[])[mu, degradation, content]) input.RequiresGrad = true;

        Tensor loss = RestorationLoss.Of(
            network, Process(training.GetProperty("sde")), mu, golden["train.GT"], golden["train.noise"],
            golden.File["train.timesteps"].ToIntArray(), degradation, content, RestorationObjective.Matching,
            squared: training.GetProperty("loss_type").GetString() != "l1").Mean();
        double expected = training.GetProperty("loss").GetDouble();
        Assert.Equal(expected, loss.Item(), Math.Abs(expected) * 1e-5);
        loss.Backward();

        golden.AssertClose("train.grad_LQ", mu.Grad!, 0, 1e-4);
        golden.AssertClose("train.grad_text_context", degradation.Grad!, 0, 1e-4);
        golden.AssertClose("train.grad_image_context", content.Grad!, 0, 1e-4);
        var parameters = network.NamedParameters().ToDictionary(each => each.Name, each => each.Tensor);
        string[] stored = [.. golden.Names.Where(name => name.StartsWith("train.grad.", StringComparison.Ordinal))];
        Assert.NotEmpty(stored);
        foreach (string name in stored) golden.AssertClose(name, parameters[name["train.grad.".Length..]].Grad!, 0, 1e-4);
    }

    private static ConditionalUNet Load(Golden weights)
    {
        using (Initialization.Skip())
        {
            var network = new ConditionalUNet(ConditionalUNetOptions.FromWeights(weights.File));
            network.LoadState(weights.Find);
            return network;
        }
    }

    private static IrSde Process(JsonElement json) => new(new IrSdeOptions
    {
        MaxSigma = json.TryGetProperty("max_sigma_option", out JsonElement sigma)
            ? sigma.GetDouble() : json.GetProperty("max_sigma").GetDouble(),
        Steps = json.GetProperty("T").GetInt32(),
        Schedule = Enum.Parse<ThetaSchedule>(json.GetProperty("schedule").GetString()!, ignoreCase: true),
        Epsilon = json.GetProperty("eps").GetDouble(),
    });
}
