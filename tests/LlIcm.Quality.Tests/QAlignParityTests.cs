using System.Text.Json;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

[Trait("Category", "parity")]
public class QAlignParityTests
{
    private const string Set = "iqa", Numbers = "qalign.tiny.json", Tensors = "qalign.tiny.io.safetensors";
    private const string Facts = "qalign.facts.json", Preprocessing = "qalign.preprocess.safetensors";
    private const double HiddenTolerance = 2e-5, LogitTolerance = 1e-4, ScoreTolerance = 2e-5;

    [FixtureFact(Set, Numbers)]
    public void Every_module_and_the_scores_are_the_references()
    {
        JsonElement json = Golden.Json(Set, Numbers), expected = json.GetProperty("expected");
        using Golden golden = Golden.Open(Set, Tensors);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using QAlign model = Model(json, ScalarType.Float, resident: false);
        var seen = new HashSet<string>();
        model.Probe = (name, tensor) =>
        {
            if (golden.Has(name)) golden.AssertClose(name, tensor, HiddenTolerance, HiddenTolerance);
            seen.Add(name);
        };
        Tensor images = golden["images"];
        Tensor logits = model.LevelLogits(images, 1, Prompt(json));
        // Everything that the fixture records inside the model has come by, but for the inputs and the results.
        string[] outside =
            ["images", "input_ids", "modality_indicators", "level_", "logits", "score", "video", "text_only"];
        string[] inside = [.. golden.Names.Where(
            name => !outside.Any(o => name.StartsWith(o, StringComparison.Ordinal)))];
        Assert.NotEmpty(inside);
        Assert.Empty(inside.Except(seen));
        model.Probe = null;

        golden.AssertClose("level_logits", logits, LogitTolerance);
        golden.AssertClose("logits_last", model.AllLogits(images, 1, Prompt(json)), LogitTolerance);
        IReadOnlyList<QAlignResult> results = QAlign.Results(logits);
        for (int i = 0; i < results.Count; i++)
        {
            Assert.Equal(expected.GetProperty("score_1_5")[i].GetDouble(), results[i].Score, ScoreTolerance);
            Assert.Equal(expected.GetProperty("score_0_1")[i].GetDouble(), results[i].UnitScore, ScoreTolerance);
            double[] levels = [.. expected.GetProperty("level_probs")[i].EnumerateArray().Select(p => p.GetDouble())];
            Golden.AssertClose(levels, [.. results[i].Levels], ScoreTolerance, 0, "level_probs");
        }
    }

    [FixtureFact(Set, Numbers)]
    public void Layer_by_layer_on_onnx_runtime_the_scores_are_the_references()
    {
        JsonElement json = Golden.Json(Set, Numbers);
        using Golden golden = Golden.Open(Set, Tensors);
        using IDisposable host = HostEngine.Instance.Use();
        using var scope = new TensorScope();
        using QAlign model = Model(json, ScalarType.Float, resident: false);
        golden.AssertClose("level_logits", model.LevelLogits(golden["images"], 1, Prompt(json)), LogitTolerance);
    }

    [FixtureFact(Set, Numbers)]
    public void Several_frames_and_no_picture_at_all_work_as_in_the_reference()
    {
        JsonElement json = Golden.Json(Set, Numbers);
        using Golden golden = Golden.Open(Set, Tensors);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using QAlign model = Model(json, ScalarType.Float, resident: false);
        Tensor frames = golden["video.frames"], logits = model.LevelLogits(frames, (int)frames.Size(0), Prompt(json));
        golden.AssertClose("video.level_logits", logits, LogitTolerance);
        double score = json.GetProperty("expected").GetProperty("video.score_1_5")[0].GetDouble();
        Assert.Equal(score, QAlign.Results(logits)[0].Score, ScoreTolerance);

        QAlignPrompt prompt = Prompt(json);
        long[] text = [.. prompt.Tokens.Where(token => token != QAlignPrompt.ImageSlot)];
        golden.AssertClose(
            "text_only.logits_last", model.AllLogits(null, 1, prompt with { Tokens = text }), LogitTolerance);
    }

    // Half precision needs a GPU or a newer libtorch. bfloat16 has three bits less than it, for which 2e-2 is allowed.
    [FixtureTheory(Set, Numbers)]
    [InlineData(ScalarType.Double, true, 1e-5)]
    [InlineData(ScalarType.Float, true, 2e-5)]
    [InlineData(ScalarType.BFloat16, false, 0.16)]
    public void Other_precisions_give_nearly_the_same_score(ScalarType type, bool resident, double tolerance)
    {
        JsonElement json = Golden.Json(Set, Numbers), expected = json.GetProperty("expected");
        using Golden golden = Golden.Open(Set, Tensors);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        using QAlign model = Model(json, type, resident);
        for (int run = 0; run < 2; run++)
        {
            IReadOnlyList<QAlignResult> results = QAlign.Results(model.LevelLogits(golden["images"], 1, Prompt(json)));
            for (int i = 0; i < results.Count; i++)
                Assert.Equal(expected.GetProperty("score_1_5_f64")[i].GetDouble(), results[i].Score, tolerance);
        }
    }

    [FixtureFact(Set, Facts)]
    public void The_prompts_have_the_tokens_of_the_published_tokenizer()
    {
        JsonElement facts = Golden.Json(Set, Facts), prompts = facts.GetProperty("prompts");
        long[] levels = Longs(facts.GetProperty("level_token_ids"));
        foreach ((string name, QAlignPrompt prompt) in (
            (string, QAlignPrompt)[])
            [
                ("quality_image", QAlignPrompt.Of(QAlignTask.Quality)),
                ("aesthetics_image", QAlignPrompt.Of(QAlignTask.Aesthetics)),
                ("aesthetic_image (pyiqa task_=\"aesthetic\")", QAlignPrompt.Of(QAlignTask.PyIqaAesthetic)),
                ("quality_video", QAlignPrompt.Video),
            ])
        {
            Assert.Equal(Longs(prompts.GetProperty(name).GetProperty("input_ids")), prompt.Tokens);
            Assert.Equal(levels, prompt.Levels);
        }
    }

    [FixtureFact(Set, Preprocessing)]
    public void Pictures_are_padded_resized_and_normalised_to_the_bit()
    {
        using Golden golden = Golden.Open(Set, Preprocessing);
        using var scope = new TensorScope();
        int cases = 0;
        foreach (JsonProperty each in Golden.Json(Set, Numbers).GetProperty("preprocess").EnumerateObject())
        {
            int side = each.Value.GetProperty("size").GetInt32();
            Picture picture = golden.Picture(each.Name + ".in_u8"), square = QAlignPreprocessing.Square(picture);
            Assert.Equal(each.Value.GetProperty("padded_side").GetInt32(), square.Width);
            if (golden.Has(each.Name + ".padded_u8"))
                Assert.Equal(golden.Picture(each.Name + ".padded_u8").Rgb, square.Rgb);
            Picture resized = QAlignPreprocessing.Resize(square, side);
            Assert.Equal(golden.Picture(each.Name + ".resized_u8").Rgb, resized.Rgb);
            Tensor prepared = QAlignPreprocessing.Prepare(picture, side);
            if (golden.Has(each.Name + ".pixel_values_f32"))
                golden.AssertClose(each.Name + ".pixel_values_f32", prepared, 1e-6);
            JsonElement mean = each.Value.GetProperty("mean_of_pixel_values");
            double[] means = [.. mean.EnumerateArray().Select(m => m.GetDouble())];
            Golden.AssertClose(
                means, prepared.To(ScalarType.Double).Mean([1, 2]).ToArray<double>(), 1e-5, 0, each.Name);
            cases++;
        }
        Assert.NotEqual(0, cases);
    }

    private static QAlignPrompt Prompt(JsonElement json) =>
        new(Longs(json.GetProperty("prompt_ids")), Longs(json.GetProperty("preferential_ids")));

    private static QAlign Model(JsonElement json, ScalarType type, bool resident)
    {
        JsonElement config = json.GetProperty("tiny_config");
        JsonElement vision = config.GetProperty("visual_model"), abstractor = config.GetProperty("visual_abstractor");
        JsonElement language = config.GetProperty("llm");
        var options = new QAlignOptions(
            vision.GetProperty("num_attention_heads").GetInt32(),
            abstractor.GetProperty("num_attention_heads").GetInt32(),
            language.GetProperty("num_attention_heads").GetInt32(),
            language.GetProperty("num_key_value_heads").GetInt32(),
            vision.GetProperty("layer_norm_eps").GetDouble(), abstractor.GetProperty("layer_norm_eps").GetDouble(),
            language.GetProperty("rms_norm_eps").GetDouble(), config.GetProperty("rope_theta").GetDouble());
        string path = Fixtures.Path(Set, "qalign.tiny.weights.safetensors")!;
        return QAlign.Load(path, type: type, resident: resident, options: options);
    }

    private static long[] Longs(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetInt64())];
}
