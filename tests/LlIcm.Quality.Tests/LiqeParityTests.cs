using System.Text.Json;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Quality.Tests;

[Trait("Category", "parity")]
public class LiqeParityTests
{
    private const string Set = "iqa", Numbers = "liqe.json", Tensors = "liqe.io.safetensors";
    private const double FeatureTolerance = 1e-5, LogitTolerance = 2e-4, ScoreTolerance = 1e-4;

    [FixtureFact(Set, Numbers)]
    public void The_texts_and_their_tokens_are_the_references()
    {
        Assert.Equal(File.ReadAllLines(Fixtures.Path(Set, "liqe.texts.txt")!), LiqeTexts.Of(LiqePrompts.All));
        JsonElement json = Golden.Json(Set, Numbers);
        Assert.Equal(Strings(json.GetProperty("qualitys")), LiqeTexts.Qualities);
        Assert.Equal(Strings(json.GetProperty("scenes")), LiqeTexts.Scenes);
        Assert.Equal(Strings(json.GetProperty("distortions")), LiqeTexts.Distortions);
        using var scope = new TensorScope();
        using Golden golden = Golden.Open(Set, Tensors);
        foreach (LiqePrompts prompts in Enum.GetValues<LiqePrompts>())
        {
            string name = prompts == LiqePrompts.All ? "tokens_495x77" : "tokens_koniq_5x77";
            int length = (int)golden.File[name].Shape[1];
            Assert.Equal(golden.File[name].ToLongArray(), LiqeTexts.Tokens(prompts, length).ToArray<long>());
        }
    }

    [FixtureFact(Set, Numbers)]
    public void Features_logits_and_scores_of_all_variants_are_the_references()
    {
        JsonElement json = Golden.Json(Set, Numbers);
        using Golden golden = Golden.Open(Set, Tensors);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using var liqe = new Liqe(Clip(json));
        using var koniq = new Liqe(Clip(json), LiqePrompts.QualityOnly);
        golden.AssertClose("text_features", liqe.TextFeatures, FeatureTolerance);
        golden.AssertClose("text_features_koniq", koniq.TextFeatures, FeatureTolerance);

        int images = 0;
        foreach (JsonProperty image in json.GetProperty("images").EnumerateObject())
        {
            Picture picture = golden.Picture(image.Name + ".image_u8");
            Tensor feature = liqe.FirstFeature(picture);
            golden.AssertClose(image.Name + ".patch0_feature_raw", feature, FeatureTolerance, FeatureTolerance);
            foreach ((string name, LiqeVariant variant) in (
                (string, LiqeVariant)[])[("liqe_py", LiqeVariant.Package), ("demo", LiqeVariant.Demo)])
            {
                Tensor logits = liqe.Logits(picture, variant).Unsqueeze(0);
                golden.AssertClose($"{image.Name}.{name}.logits", logits, LogitTolerance);
                AssertResult(image.Value.GetProperty(name), liqe.Score(picture, variant), $"{image.Name}.{name}");
            }
            JsonElement demo = image.Value.GetProperty("demo"), pyIqa = image.Value.GetProperty("pyiqa");
            AssertPatches(demo, LiqePatches.Of(picture, LiqeVariant.Demo, liqe.PatchSide));
            AssertPatches(pyIqa, LiqePatches.Of(picture, LiqeVariant.PyIqa, liqe.PatchSide));
            AssertScores(pyIqa, liqe, koniq, picture);
            images++;
        }
        Assert.NotEqual(0, images);
    }

    [FixtureFact(Set, Numbers)]
    public void A_large_picture_is_reduced_as_the_demo_does()
    {
        JsonElement json = Golden.Json(Set, Numbers), formula = json.GetProperty("formula_image");
        using Golden golden = Golden.Open(Set, Tensors);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using var liqe = new Liqe(Clip(json));
        using var koniq = new Liqe(Clip(json), LiqePrompts.QualityOnly);
        Picture picture = FormulaPicture(formula.GetProperty("size_hw"));

        LiqePatches patches = LiqePatches.Of(picture, LiqeVariant.Demo, liqe.PatchSide);
        Assert.Equal(
            Integers(formula.GetProperty("resized_hw")), new[] { patches.Picture.Height, patches.Picture.Width });
        AssertPatches(formula.GetProperty("demo"), patches);
        Picture crop = golden.Picture("formula.resized_crop_u8");
        for (int y = 0; y < crop.Height; y++)
            Assert.True(
                crop.Rgb.AsSpan(3 * y * crop.Width, 3 * crop.Width).SequenceEqual(
                    patches.Picture.Rgb.AsSpan(3 * y * patches.Picture.Width, 3 * crop.Width)),
                $"row {y} of the reduced picture");
        golden.AssertClose("formula.demo.logits", liqe.Logits(picture, LiqeVariant.Demo).Unsqueeze(0), LogitTolerance);
        AssertResult(formula.GetProperty("demo"), liqe.Score(picture), "formula");
        AssertScores(formula.GetProperty("pyiqa_no_resize"), liqe, koniq, picture);
    }

    private static void AssertScores(JsonElement expected, Liqe liqe, Liqe koniq, Picture picture)
    {
        double mixed = expected.GetProperty("liqe_mix_score").GetDouble();
        Assert.Equal(mixed, liqe.Score(picture, LiqeVariant.PyIqa).Score, ScoreTolerance);
        LiqeResult quality = koniq.Score(picture, LiqeVariant.PyIqa);
        Assert.Equal(expected.GetProperty("liqe_koniq_score").GetDouble(), quality.Score, ScoreTolerance);
        Assert.Null(quality.LikelyScene);
    }

    private static void AssertResult(JsonElement expected, LiqeResult actual, string what)
    {
        Assert.Equal(expected.GetProperty("score").GetDouble(), actual.Score, ScoreTolerance);
        Assert.Equal(expected.GetProperty("scene").GetString(), actual.LikelyScene);
        Assert.Equal(expected.GetProperty("distortion").GetString(), actual.LikelyDistortion);
        Probabilities("quality_probs", actual.Quality);
        Probabilities("scene_probs", actual.Scene);
        Probabilities("distortion_probs", actual.Distortion);

        void Probabilities(string field, IReadOnlyList<double> values)
        {
            if (!expected.TryGetProperty(field, out JsonElement wanted)) return;
            double[] numbers = [.. wanted.EnumerateArray().Select(each => each.GetDouble())];
            Golden.AssertClose(numbers, [.. values], ScoreTolerance, 0, $"{what} {field}");
        }
    }

    private static void AssertPatches(JsonElement expected, LiqePatches actual)
    {
        Assert.Equal(expected.GetProperty("num_patches").GetInt32(), actual.GridColumns * actual.GridRows);
        Assert.Equal(Integers(expected.GetProperty("selected")), actual.Selected);
        if (expected.TryGetProperty("step", out JsonElement step)) Assert.Equal(step.GetInt32(), actual.Stride);
    }

    // The fixture's "pixel": (((7x + 13y) div 8) + 29c + ((x y) >> 11)) & 255.
    private static Picture FormulaPicture(JsonElement size)
    {
        int height = size[0].GetInt32(), width = size[1].GetInt32();
        var rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    rgb[3 * (y * width + x) + c] = (byte)(((7 * x + 13 * y) / 8 + 29 * c + ((x * y) >> 11)) & 255);
        return new Picture(width, height, rgb);
    }

    private static ClipModel Clip(JsonElement json)
    {
        JsonElement config = json.GetProperty("clip_config");
        int Get(string name) => config.GetProperty(name).GetInt32();
        int width = Get("vision_width");
        // The image tower's heads are 64 wide; the configuration does not list them.
        var options = new ClipOptions(
            Get("embed_dim"), Get("image_resolution"), Get("vision_patch_size"), width, Get("vision_layers"),
            width / 64,
            Get("transformer_width"), Get("transformer_heads"), Get("transformer_layers"), Get("context_length"),
            Get("vocab_size"), QuickGelu: true);
        using Golden weights = Golden.Open(Set, "liqe.clip.safetensors");
        using IDisposable skip = Initialization.Skip();
        var clip = new ClipModel(options);
        clip.LoadState(name => name == "token_embedding.weight" ? Embedding(weights, options) : weights.Find(name));
        return clip;
    }

    // Stored sparsely: the rows that the texts use, and zeros.
    private static Tensor Embedding(Golden weights, ClipOptions options)
    {
        long[] ids = weights.File["token_embedding.ids"].ToLongArray();
        float[] rows = weights.File["token_embedding.rows"].ToFloatArray();
        var table = new float[options.VocabularySize * options.TextWidth];
        for (int i = 0; i < ids.Length; i++)
            rows.AsSpan(i * options.TextWidth, options.TextWidth).CopyTo(table.AsSpan((int)ids[i] * options.TextWidth));
        return Tensor.From<float>(table, [options.VocabularySize, options.TextWidth]);
    }

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetInt32())];

    private static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetString()!)];
}
