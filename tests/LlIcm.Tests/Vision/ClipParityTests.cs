using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

/// <summary>CLIP against numbers recorded from open_clip.</summary>
[Trait("Category", "parity")]
public sealed class ClipParityTests : IDisposable
{
    // float32 rounding was measured as 1.3e-5; the wrong activation is 0.02 off.
    private const double Limit = 1e-4;

    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [FixtureFact("restore", "clip.tiny.io.safetensors")]
    public void EveryStageOfTheImageTowerMatches()
    {
        using Golden io = Golden.Open("restore", "clip.tiny.io.safetensors");
        foreach (string activation in Activations(io))
        {
            using ClipModel model = Model(activation == "quickgelu");
            VisionTransformer visual = model.Visual;
            Tensor patches = visual.Patchify(io["image"]);
            Check("patch_embed", visual.EmbedPatches(patches));
            Tensor hidden = visual.Embed(patches);
            Check("ln_pre", hidden);
            for (int i = 0; i < visual.Transformer.Blocks.Count; i++)
            {
                ResidualAttentionBlock block = visual.Transformer.Blocks[i];
                Tensor attention = block.Attention.Forward(block.AttentionNorm.Forward(hidden));
                Tensor perceptron = block.FeedForward.Forward(block.FeedForwardNorm.Forward(hidden + attention));
                CheckIfStored($"resblocks.{i}.attn", attention);
                CheckIfStored($"resblocks.{i}.mlp", perceptron);
                hidden = block.Forward(hidden);
                Check($"resblocks.{i}", hidden);
            }
            Check("ln_post", visual.Pool(hidden));
            io.AssertClose($"{activation}.image_features", model.EncodeImage(io["image"]), Limit);
            io.AssertClose(
                $"{activation}.image_features_normalized", model.EncodeImage(io["image"]).NormalizeL2(), Limit);

            void Check(string name, Tensor actual) => io.AssertClose($"{activation}.visual.{name}", actual, Limit);

            void CheckIfStored(string name, Tensor actual)
            {
                if (io.Has($"{activation}.visual.{name}")) Check(name, actual);
            }
        }
    }

    [FixtureFact("restore", "clip.tiny.io.safetensors")]
    public void EveryStageOfTheTextTowerMatches()
    {
        using Golden io = Golden.Open("restore", "clip.tiny.io.safetensors");
        foreach (string activation in Activations(io))
        {
            using ClipModel model = Model(activation == "quickgelu");
            Tensor tokens = io["tokens"];
            // The intermediate results are stored for the first few texts only.
            long texts = io.File[$"{activation}.text.ln_final"].Shape[0];
            Tensor hidden = model.EmbedTokens(tokens.Narrow(0, 0, texts));
            Tensor mask = model.CausalMask(tokens.Size(1));
            for (int i = 0; i < model.TextTransformer.Blocks.Count; i++)
            {
                hidden = model.TextTransformer.Blocks[i].Forward(hidden, mask);
                io.AssertClose($"{activation}.text.resblocks.{i}", hidden, Limit);
            }
            io.AssertClose($"{activation}.text.ln_final", model.TextNorm.Forward(hidden), Limit);

            Tensor features = model.EncodeText(tokens);
            io.AssertClose($"{activation}.text_features", features, Limit);
            io.AssertClose($"{activation}.text_features_normalized", features.NormalizeL2(), Limit);
        }
    }

    [FixtureFact("restore", "clip.tiny.io.safetensors")]
    public void PicturesAndTextsMeetInTheSameLogits()
    {
        using Golden io = Golden.Open("restore", "clip.tiny.io.safetensors");
        foreach (string activation in Activations(io))
        {
            using ClipModel model = Model(activation == "quickgelu");
            io.AssertClose("logit_scale", model.LogitScale, 0, 1e-7);
            io.AssertClose("logit_scale_exp", model.LogitScale.Exp(), 0, 1e-6);
            Tensor cosines = model.EncodeImage(io["image"]).NormalizeL2()
                .Matmul(model.EncodeText(io["tokens"]).NormalizeL2().Transpose(0, 1));
            // Logits are cosines times this factor, and so is their rounding.
            double scale = io["logit_scale_exp"].Item();
            io.AssertClose($"{activation}.logits_per_image", cosines * model.LogitScale.Exp(), scale * 1e-5);
        }
    }

    [FixtureFact("restore", "clip.tiny.io.safetensors")]
    public void PositionsAreResizedForAnotherPictureSizeAtLoad()
    {
        const string Prefix = "pos_embed_resized_";
        using Golden io = Golden.Open("restore", "clip.tiny.io.safetensors");
        using Golden weights = Golden.Open("restore", "clip.tiny.safetensors");
        string[] cases = [.. io.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        Assert.NotEmpty(cases);
        foreach (string name in cases)
        {
            int[] grids = [.. name[Prefix.Length..].Split("_to_")
                .Select(grid => int.Parse(grid, CultureInfo.InvariantCulture))];
            ClipOptions options = ClipOptions.Of(weights.File);
            Assert.Equal(grids[0], options.GridSize);
            using IDisposable skip = Initialization.Skip();
            using var model = new ClipModel(options with { ImageSize = grids[1] * options.PatchSize });
            model.LoadState(weights.Find);
            io.AssertClose(name, model.Visual.Positions, 0, 1e-6);
        }
    }

    [FixtureFact("restore", "clip.tiny.safetensors")]
    public void TheOptionsFollowFromTheShapes()
    {
        using Golden weights = Golden.Open("restore", "clip.tiny.safetensors");
        ClipOptions told = ClipOptions.Of(weights.File);
        ClipOptions found = ClipOptions.FromShapes(
            name => weights.Has(name) ? weights.File[name].Shape : null, told.VisionWidth / told.VisionHeads);
        // The text heads have a width of their own here, which no shape tells.
        Assert.Equal(told with { TextHeads = found.TextHeads }, found);
    }

    [FixtureFact("restore", "clip.ViT-B-32.paper.keys.txt")]
    public void ThePaperSizedModelHasThePublishedNamesAndShapes()
    {
        IReadOnlyList<(string Name, long[] Shape)> published = Golden.Keys("restore", "clip.ViT-B-32.paper.keys.txt");
        Dictionary<string, long[]> shapes = published.ToDictionary(each => each.Name, each => each.Shape);
        using IDisposable skip = Initialization.Skip();
        using var model = new ClipModel(ClipOptions.FromShapes(shapes.GetValueOrDefault));
        Assert.Equal(
            published.Select(each => $"{each.Name} [{string.Join(", ", each.Shape)}]"),
            model.StateDict().Select(each => $"{each.Name} [{string.Join(", ", each.Tensor.Shape.ToArray())}]"));
    }

    private static IEnumerable<string> Activations(Golden io) =>
        io.Names.Where(name => name.EndsWith(".image_features", StringComparison.Ordinal))
            .Select(name => name.Split('.')[0]);

    private static ClipModel Model(bool quickGelu)
    {
        using Golden weights = Golden.Open("restore", "clip.tiny.safetensors");
        using IDisposable skip = Initialization.Skip();
        var model = new ClipModel(ClipOptions.Of(weights.File) with { QuickGelu = quickGelu });
        model.LoadState(weights.Find);
        return model;
    }
}
