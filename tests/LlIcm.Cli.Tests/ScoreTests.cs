using System.Globalization;
using System.Text.Json;
using LlIcm.Quality;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Cli.Tests;

public sealed class ScoreTests(RandomModels models) : CliTest(models)
{
    private Dictionary<string, string> Environment => new() { ["LLICM_MODELS"] = At("store") };

    [Fact]
    public void Liqe_says_quality_scene_and_distortion()
    {
        SaveLiqe();
        Save("b.png", Pattern(70, 40, 3));
        Save("small.png", Pattern(20, 20));
        CliResult result = Score("a.png", "b.png", "small.png", "--json");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.StartsWith("llicm: small.png: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        JsonElement[] lines = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(4, lines.Length);
        double score = lines[0].GetProperty("liqe").GetDouble();
        Assert.InRange(score, 1, 5);
        Assert.Equal((score - 1) / 4, lines[0].GetProperty("liqe_0_1").GetDouble(), 9);
        Assert.Contains(lines[0].GetProperty("liqe_quality").GetString()!, LiqeTexts.Qualities);
        Assert.Contains(lines[0].GetProperty("liqe_scene").GetString()!, LiqeTexts.Scenes);
        Assert.Contains(lines[0].GetProperty("liqe_distortion").GetString()!, LiqeTexts.Distortions);
        Assert.InRange(lines[0].GetProperty("liqe_scene_probability").GetDouble(), 1.0 / 9, 1);
        Assert.All(
            lines[0].EnumerateObject(),
            field => Assert.Contains($"`{field.Name}`", DocumentationTests.Document, StringComparison.Ordinal));
        double mean = (score + lines[1].GetProperty("liqe").GetDouble()) / 2;
        Assert.Equal(mean, lines[3].GetProperty("means").GetProperty("liqe").GetProperty("mean").GetDouble(), 9);

        string[] table = Score("a.png", "b.png").Succeeds().Lines;
        Assert.Contains("liqe [1–5]", table[0], StringComparison.Ordinal);
        Assert.Contains("liqe [0–1]", table[0], StringComparison.Ordinal);
        Assert.Contains(lines[0].GetProperty("liqe_scene").GetString()!, table[1], StringComparison.Ordinal);
        Assert.StartsWith("mean ± 95 %", table[3], StringComparison.Ordinal);
        Assert.Equal(
            "name,liqe,liqe_0_1,liqe_quality,liqe_scene,liqe_scene_probability,liqe_distortion,liqe_distortion_probability",
            Score("a.png", "--csv").Succeeds().Lines[0]);
    }

    [Fact]
    public void Missing_weights_are_said_once_with_the_file_and_its_place()
    {
        Save("b.png", Pattern(20, 20));
        Score("a.png", "b.png").Fails(ExitCode.Model, $"needs LIQE.pt: put it into {At("store")}, or set LLICM_MODELS");
        Score("a.png", "b.png", "--metrics", "q-align").Fails(ExitCode.Model, "one-align/pytorch_model.bin.index.json and the shards it names");
        Directory.CreateDirectory(At("store"));
        File.WriteAllText(At("store/LIQE.pt"), "these are no weights");
        Score("a.png", "b.png").Fails(ExitCode.Model, "LIQE.pt");
    }

    [FixtureFact("iqa", "one-align.keys.txt")]
    public void Q_align_is_read_from_shards_by_the_published_names()
    {
        SaveQAlign();
        SaveLiqe();
        Save("b.png", Pattern(30, 20));
        CliResult result = Score("a.png", "b.png", "--metrics", "qalign,q-align-aesthetics", "--json").Succeeds();
        JsonElement[] lines = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(3, lines.Length);
        foreach (JsonElement line in lines[..2])
        {
            foreach (string name in (string[])["q_align", "q_align_aesthetics"])
            {
                double[] levels = [.. QAlignResult.LevelNames.Select(level => line.GetProperty($"{name}_{level}").GetDouble())];
                Assert.Equal(1, levels.Sum(), 5);
                double score = line.GetProperty(name).GetDouble();
                Assert.Equal(levels.Index().Sum(each => (5 - each.Index) * each.Item), score, 5);
                Assert.Equal((score - 1) / 4, line.GetProperty(name + "_0_1").GetDouble(), 9);
            }
            Assert.All(
                line.EnumerateObject(),
                field => Assert.Contains($"`{field.Name}`", DocumentationTests.Document, StringComparison.Ordinal));
        }
        // Together as singly.
        double together = lines[1].GetProperty("q_align").GetDouble();
        Assert.Equal(together, Single(), 4);
        // What is there is what is measured.
        Assert.Equal("name,liqe,", Score("a.png", "--csv").Succeeds().Lines[0][..10]);
        Assert.Contains(",q_align,", Score("a.png", "--csv").Succeeds().Lines[0], StringComparison.Ordinal);

        double Single(params string[] more) =>
            Score(["b.png", "--metrics", "q-align", "--json", .. more]).Succeeds().Json.GetProperty("q_align").GetDouble();
    }

    private CliResult Score(params IEnumerable<string> arguments) =>
        Cli.Run(Folder, ["score", .. arguments], environment: Environment);

    // A small CLIP under the published names.
    private void SaveLiqe()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        TorchRuntime.ManualSeed(3);
        using var clip = new ClipModel(new ClipOptions(16, 32, 16, 64, 1, 1, 64, 1, 1, 77, 49408, QuickGelu: true));
        Write("LIQE.pt", clip.StateDict().Select(each => (each.Name, each.Tensor)));
    }

    // One layer of each part, thin, under the published names, in two shards of half precision.
    private void SaveQAlign()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        TorchRuntime.ManualSeed(4);
        var thin = new Dictionary<long, long> { [4096] = 64, [11008] = 96, [1024] = 32, [3072] = 96, [2816] = 48, [1025] = 5, [64] = 4 };
        var tensors = new List<(string Name, Tensor Tensor)>();
        foreach (string line in File.ReadLines(Fixtures.Path("iqa", "one-align.keys.txt")!))
        {
            if (line.StartsWith('#')) continue;
            string[] fields = line.Split('\t');
            string[] words = fields[0].Split('.');
            int at = Array.IndexOf(words, "layers");
            if (at >= 0 && words[at + 1] != "0") continue;
            long[] shape = [.. fields[1].Trim('[', ']').Split(',').Select(size => long.Parse(size, CultureInfo.InvariantCulture))
                .Select(size => thin.GetValueOrDefault(size, size))];
            tensors.Add((fields[0], Tensor.Randn(shape) * 0.5));
        }
        Write("one-align/s-1.safetensors", tensors.Take(20));
        Write("one-align/s-2.safetensors", tensors.Skip(20));
        string map = string.Join(',', tensors.Select((each, i) => $"\"{each.Name}\":\"s-{(i < 20 ? 1 : 2)}.safetensors\""));
        File.WriteAllText(At("store/one-align/model.safetensors.index.json"), $"{{\"weight_map\":{{{map}}}}}");
    }

    private void Write(string name, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        string path = At("store/" + name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            byte[] bytes = new byte[each.Tensor.ElementCount * Tensor.SizeOf(ScalarType.Half)];
            each.Tensor.To(ScalarType.Half).CopyTo<byte>(bytes);
            return (each.Name, ScalarType.Half, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)bytes);
        }));
    }
}
