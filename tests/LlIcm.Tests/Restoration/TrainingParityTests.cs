using System.Text.Json;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Tests.Restoration;

[Trait("Category", "parity")]
public class TrainingParityTests
{
    [FixtureFact("restore", "irsde.json")]
    public void LossAndGradientsEqualThePublishedTraining()
    {
        using var scope = new TensorScope();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        using var weights = Golden.Open("restore", "unet.tiny.safetensors");
        using ConditionalUNet network = DenoiserCases.LoadUNet(weights);
        network.RequireGrad();
        JsonElement training = Golden.Json("restore", "irsde.json").GetProperty("training");
        Tensor degraded = golden["train.LQ"];
        Tensor text = golden["train.text_context"], image = golden["train.image_context"];
        foreach (Tensor input in (Tensor[])[degraded, text, image]) input.RequiresGrad = true;

        Tensor loss = Loss(golden, training, network, degraded, text, image);
        Close("loss", training.GetProperty("loss").GetDouble(), loss.Item(), 1e-5);
        loss.Backward();

        golden.AssertClose("train.grad_LQ", degraded.Grad!, 0, 1e-4);
        golden.AssertClose("train.grad_text_context", text.Grad!, 0, 1e-4);
        golden.AssertClose("train.grad_image_context", image.Grad!, 0, 1e-4);
        var parameters = network.NamedParameters().ToDictionary(each => each.Name, each => each.Tensor);
        foreach (string name in golden.Names.Where(name => name.StartsWith("train.grad.", StringComparison.Ordinal)))
            golden.AssertClose(name, parameters[name["train.grad.".Length..]].Grad!, 0, 1e-4);

        JsonElement norms = training.GetProperty("all_grad_norms");
        Assert.Equal(parameters.Count, norms.EnumerateObject().Count());
        double total = 0;
        foreach (JsonProperty norm in norms.EnumerateObject())
        {
            // Where there is one context token, queries and keys don't matter: no gradient here, a gradient of 0 there.
            double actual = parameters[norm.Name].Grad is { } gradient ? gradient.Norm(2, []).Item() : 0;
            Close(norm.Name, norm.Value.GetDouble(), actual, 1e-4);
            total += actual * actual;
        }
        Close("total", training.GetProperty("grad_norm_total").GetDouble(), Math.Sqrt(total), 1e-4);
    }

    [FixtureFact("restore", "irsde.json")]
    public void OptimiserStepsEqualThePublishedTraining()
    {
        using var outer = new TensorScope();
        using var golden = Golden.Open("restore", "irsde.safetensors");
        using var weights = Golden.Open("restore", "unet.tiny.safetensors");
        using ConditionalUNet network = DenoiserCases.LoadUNet(weights);
        network.RequireGrad();
        JsonElement training = Golden.Json("restore", "irsde.json").GetProperty("training");
        JsonElement settings = training.GetProperty("adamw");
        Assert.Equal(0, settings.GetProperty("weight_decay").GetDouble());
        using var adam = new Adam(
            network.Parameters(), settings.GetProperty("lr").GetDouble(), settings.GetProperty("betas")[0].GetDouble(),
            settings.GetProperty("betas")[1].GetDouble(), settings.GetProperty("eps").GetDouble());
        int step = 0;
        foreach (JsonElement expected in settings.GetProperty("losses_before_step_0_1_2").EnumerateArray())
        {
            using var scope = new TensorScope();
            Tensor loss = Loss(
                golden, training, network, golden["train.LQ"], golden["train.text_context"],
                golden["train.image_context"]);
            Close($"loss before step {step++}", expected.GetDouble(), loss.Item(), 1e-4);
            adam.ZeroGrad();
            loss.Backward();
            adam.Step();
        }
    }

    private static Tensor Loss(
        Golden golden, JsonElement training, ConditionalUNet network, Tensor degraded, Tensor text, Tensor image)
    {
        var sde = new IrSde(SdeFixtures.Options(training.GetProperty("sde")));
        int[] t = SdeFixtures.Timesteps(golden);
        Tensor clean = golden["train.GT"], state = sde.State(clean, degraded, golden["train.noise"], t);
        Tensor time = Tensor.From<float>(Array.ConvertAll(t, each => (float)each), [t.Length]);
        Tensor predicted = network.Forward(state, degraded, time, text, image);
        bool squared = training.GetProperty("loss_type").GetString() != "l1";
        bool weighted = training.GetProperty("is_weighted").GetBoolean();
        return sde.MatchingLoss(predicted, state, clean, degraded, squared, weighted, t);
    }

    private static void Close(string what, double expected, double actual, double relative) => Assert.True(
        Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{what}: expected {expected:r}, got {actual:r}");
}
