using System.Text.Json;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch.Optimizers;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

/// <summary>DA-CLIP's training against numbers recorded from the published code.</summary>
[Trait("Category", "parity")]
public sealed class DaClipLossParityTests : IDisposable
{
    private const double LossLimit = 1e-5, GradientLimit = 1e-4, StepLimit = 1e-4;

    // log(1 + tiny): a cross entropy near 0 has an absolute rounding, too.
    private const double Rounding = 1.2e-7;

    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [FixtureFact("restore", "daclip.loss.json")]
    public void TheLossOfFixedEmbeddingsMatches()
    {
        JsonElement json = Golden.Json("restore", "daclip.loss.json");
        using Golden golden = Golden.Open("restore", json.GetProperty("embeddings_file").GetString()!);
        JsonElement[] cases = [.. json.GetProperty("cases").EnumerateArray()];
        Assert.NotEmpty(cases);
        foreach (JsonElement expected in cases)
        {
            using Tensor parameter = Tensor.Scalar((float)Number(expected, "logit_scale_param"));
            Tensor scale = parameter.Exp();
            Near(expected, "logit_scale_exp", scale.Item(), LossLimit);
            (Tensor rows, Tensor columns, _) =
                DaClipLoss.Contrast(golden["image_features"], golden["text_features"], scale);
            Near(expected, "ce_image_to_text", rows.Item(), LossLimit, Rounding);
            Near(expected, "ce_text_to_image", columns.Item(), LossLimit, Rounding);
            DaClipLoss loss = DaClipLoss.Of(new DaClipFeatures(
                golden["image_features"], golden["text_features"], golden["image_degra_features"],
                golden["text_degra_features"], scale));
            CheckLoss(expected, loss, LossLimit, Rounding);
        }
    }

    [FixtureFact("restore", "daclip.loss.json")]
    public void TheGradientsOfTheModelMatch()
    {
        JsonElement expected = Golden.Json("restore", "daclip.loss.json").GetProperty("model_level");
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        var trained = model.TrainableParameters().ToList();
        foreach ((_, Tensor parameter) in trained) parameter.RequiresGrad = true;

        DaClipFeatures features = DaClipFixture.Forward(model, io);
        DaClipLoss loss = DaClipLoss.Of(features);
        CheckLoss(expected, loss, LossLimit);
        Near(expected, "logit_scale_exp", features.LogitScale.Item(), LossLimit);
        loss.Total.Backward();

        JsonElement norms = expected.GetProperty("grad_norms");
        Assert.Equal(
            norms.EnumerateObject().Select(each => each.Name).Order(), trained.Select(each => each.Name).Order());
        double squares = 0;
        foreach ((string name, Tensor parameter) in trained)
        {
            using Tensor gradient = parameter.Grad!;
            double norm = gradient.Flatten().Norm(2, [0]).Item();
            squares += norm * norm;
            Near(norms, name, norm, GradientLimit);
        }
        Near(expected, "total_grad_norm", Math.Sqrt(squares), GradientLimit);
        foreach ((string name, Tensor parameter) in model.Clip.NamedParameters())
            Assert.True(parameter.Grad is null, $"the frozen {name} got a gradient");

        Assert.Equal((long)Number(expected, "n_trainable_tensors"), trained.Count);
        long trainedCount = trained.Sum(each => each.Tensor.ElementCount);
        Assert.Equal((long)Number(expected, "trainable_parameter_count"), trainedCount);
        long count = model.Parameters().Sum(each => each.ElementCount);
        Assert.Equal((long)Number(expected, "total_parameter_count"), count);
    }

    [FixtureFact("restore", "daclip.loss.json")]
    public void WeightDecayIsForTheSameParameters()
    {
        JsonElement groups = Golden.Json("restore", "daclip.loss.json").GetProperty("optimizer_groups");
        using DaClipModel model = DaClipFixture.Model();
        ILookup<bool, string> found = model.TrainableParameters()
            .ToLookup(each => DaClipModel.HasWeightDecay(each.Name, each.Tensor), each => each.Name);
        Assert.Equal(Names("decay"), found[true].Order());
        Assert.Equal(Names("no_decay"), found[false].Order());

        IEnumerable<string?> Names(string group) =>
            groups.GetProperty(group).EnumerateArray().Select(each => each.GetString()).Order();
    }

    [FixtureFact("restore", "daclip.loss.json")]
    public void AFewStepsOfAdamWMatch()
    {
        JsonElement recorded = Golden.Json("restore", "daclip.loss.json").GetProperty("adamw_steps");
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        using Adam decaying = Optimiser(model, recorded, decay: true), plain = Optimiser(model, recorded, decay: false);
        JsonElement[] entries = [.. recorded.GetProperty("losses").EnumerateArray()];
        Assert.NotEmpty(entries);
        foreach (JsonElement expected in entries)
        {
            Near(expected, "logit_scale_param", model.LogitScale.Item(), StepLimit);
            DaClipLoss loss = DaClipLoss.Of(DaClipFixture.Forward(model, io));
            CheckLoss(expected, loss, StepLimit);
            decaying.ZeroGrad();
            plain.ZeroGrad();
            loss.Total.Backward();
            decaying.Step();
            plain.Step();
            model.ClampLogitScale();
        }
    }

    private static Adam Optimiser(DaClipModel model, JsonElement settings, bool decay)
    {
        JsonElement betas = settings.GetProperty("betas");
        return new Adam(
            model.TrainableParameters().Where(each => DaClipModel.HasWeightDecay(each.Name, each.Tensor) == decay)
                .Select(each => each.Tensor),
            Number(settings, "lr"), betas[0].GetDouble(), betas[1].GetDouble(), Number(settings, "eps"),
            decay ? Number(settings, "weight_decay") : 0, decoupled: true);
    }

    private static void CheckLoss(JsonElement expected, DaClipLoss loss, double relative, double absolute = 0)
    {
        Near(expected, "contrastive_loss", loss.Content.Item(), relative, absolute);
        Near(expected, "degra_loss", loss.Degradation.Item(), relative, absolute);
        Near(expected, "total", loss.Total.Item(), relative, absolute);
    }

    private static void Near(JsonElement parent, string name, double actual, double relative, double absolute = 0) =>
        Golden.AssertClose([Number(parent, name)], [actual], absolute, relative, name);

    private static double Number(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();
}
