using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

/// <summary>DA-CLIP's inference and start against numbers recorded from the published code.</summary>
[Trait("Category", "parity")]
public sealed class DaClipParityTests : IDisposable
{
    // float32 rounding was measured as 1.3e-5; controls in the wrong order are 1.2 off.
    private const double Limit = 1e-4;

    private readonly TensorScope _scope = new();
    private readonly GradMode _noGrad = GradMode.Disable();

    public void Dispose()
    {
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    public void EveryStageOfTheControllerMatches()
    {
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        ImageController controller = model.Controller;
        Tensor hidden = controller.Embed(controller.Patchify(io["image"]));
        io.AssertClose("controller.ln_pre", hidden, Limit);
        (Tensor output, IReadOnlyList<Tensor> controls) = controller.Transformer.Forward(hidden);
        for (int i = 0; i < controls.Count; i++)
        {
            hidden = controller.Transformer.Transformer.Blocks[i].Forward(hidden);
            io.AssertClose($"controller.resblocks.{i}", hidden, Limit);
            io.AssertClose($"controls.{i}", controls[i], Limit);
        }
        io.AssertClose($"controller.resblocks.{controls.Count - 1}", output, Limit);
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    public void EveryStageOfTheControlledTowerMatches()
    {
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        Tensor patches = model.Clip.Visual.Patchify(io["image"]);
        (_, IReadOnlyList<Tensor> controls) = model.Controller.ForwardPatches(patches);
        Tensor hidden = model.Clip.Visual.Embed(patches);
        IReadOnlyList<ResidualAttentionBlock> blocks = model.Clip.Visual.Transformer.Blocks;
        for (int i = 0; i < blocks.Count; i++)
        {
            hidden = blocks[i].Forward(hidden);
            io.AssertClose($"visual.resblocks.{i}.out", hidden, Limit);
            hidden += controls[blocks.Count - 1 - i];
            io.AssertClose($"visual.resblocks.{i}.out_plus_control", hidden, Limit);
        }
        io.AssertClose(
            $"visual.resblocks.{blocks.Count - 1}.out_plus_control",
            model.Clip.Visual.Transformer.Forward(model.Clip.Visual.Embed(patches), null, controls), Limit);
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    public void BothEmbeddingsMatch()
    {
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        foreach (bool quickGelu in new[] { false, true })
        {
            using DaClipModel model = DaClipFixture.Model(quickGelu);
            string prefix = quickGelu ? "quickgelu." : "";
            (Tensor content, Tensor degradation) = model.EncodeImage(io["image"]);
            io.AssertClose(prefix + "image_features", content, Limit);
            io.AssertClose(prefix + "degra_features", degradation, Limit);
            if (quickGelu) continue;
            io.AssertClose("image_features_normalized", content.NormalizeL2(), Limit);
            io.AssertClose("degra_features_normalized", degradation.NormalizeL2(), Limit);
            io.AssertClose("image_features_without_control", model.Clip.EncodeImage(io["image"]), Limit);
        }
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    public void TheDegradationIsRecognisedWithTheSameProbabilities()
    {
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        Assert.Equal(
            io.Metadata("degradations").EnumerateArray().Select(word => word.GetString()),
            DegradationNames.Words);
        io.AssertClose("degradation_text_features", model.EncodeText(io["degradation_tokens"]), Limit);

        (_, Tensor degradation) = model.EncodeImage(io["image"]);
        using var stored = new DegradationRecognizer(io["degradation_text_features"]);
        using var computed = DegradationRecognizer.FromTokens(model.Clip, io["degradation_tokens"]);
        io.AssertClose("degradation_probs", stored.Probabilities(degradation), Limit);
        io.AssertClose("degradation_probs", computed.Probabilities(degradation), Limit);
    }

    [FixtureFact("restore", "daclip.tiny.io.safetensors")]
    public void TheTrainingPassMatches()
    {
        using Golden io = Golden.Open("restore", "daclip.tiny.io.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        DaClipFeatures features = DaClipFixture.Forward(model, io);
        io.AssertClose("forward.image_features", features.Content, Limit);
        io.AssertClose("forward.text_features", features.Caption, Limit);
        io.AssertClose("forward.image_degra_features", features.Degradation, Limit);
        io.AssertClose("forward.text_degra_features", features.DegradationText, Limit);
        io.AssertClose("forward.logit_scale", features.LogitScale, 0, 1e-6);
    }

    [FixtureFact("restore", "daclip.init.safetensors")]
    public void TheControllerStartsAsThePublishedCodeStartsIt()
    {
        const string Before = "clip.", After = "after.";
        using Golden golden = Golden.Open("restore", "daclip.init.safetensors");
        using DaClipModel model = DaClipFixture.Model();
        model.LoadState(
            name => name.StartsWith(Before, StringComparison.Ordinal) ? golden.Find(name) : null, strict: false);
        model.InitializeController();

        Dictionary<string, Tensor> state = model.StateDict().ToDictionary(each => each.Name, each => each.Tensor);
        string[] names = [.. golden.Names.Where(name => name.StartsWith(After, StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        foreach (string name in names) golden.AssertClose(name, state[name[After.Length..]], 0);
        // The blocks are not among the recorded tensors, only the fact that they were copied.
        foreach ((string name, Tensor tensor) in model.Clip.Visual.Transformer.NamedParameters())
            Golden.AssertClose(tensor, state["visual_control.transformer.transformer." + name], 0, what: name);
    }

    [FixtureFact("restore", "daclip.ViT-B-32.paper.keys.txt")]
    public void ThePaperSizedModelHasThePublishedNamesAndShapes()
    {
        IReadOnlyList<(string Name, long[] Shape)> published = Golden.Keys("restore", "daclip.ViT-B-32.paper.keys.txt");
        Dictionary<string, long[]> shapes = published.ToDictionary(each => each.Name, each => each.Shape);
        using IDisposable skip = Initialization.Skip();
        using var model = new DaClipModel(ClipOptions.FromShapes(shapes.GetValueOrDefault));
        Assert.Equal(
            published.Select(each => $"{each.Name} [{string.Join(", ", each.Shape)}]"),
            model.StateDict().Select(each => $"{each.Name} [{string.Join(", ", each.Tensor.Shape.ToArray())}]"));
    }
}
