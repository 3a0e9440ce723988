using System.Text.Json.Nodes;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Zoo;
using Microsoft.ML.OnnxRuntime;

namespace LlIcm.Tests.Pipeline;

/// <summary>What is exported does what the library does, run by nothing but ONNX Runtime and the two descriptions.</summary>
public sealed class ModelExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-export-").FullName;
    private readonly JsonNode _about, _tables;

    public ModelExportTests()
    {
        using LlIcmModel model = LlIcmModel.Load();
        IReadOnlyList<string> files = ModelExport.Write(model, _folder);
        Assert.Equal(Directory.GetFiles(_folder).Select(Path.GetFileName).Order(), files.Order());
        _about = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "model.json")))!;
        _tables = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "tables.json")))!;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFileIsDecodedAndRestoredAsByTheLibrary()
    {
        using LlIcmModel model = LlIcmModel.Load();
        var codec = new PictureCodec(model);
        LlicFile file = codec.Compress(TinyModel.Picture(128, 64), new CompressOptions { Quality = 4, Degradation = Degradation.Hazy });
        Picture expected = codec.Decompress(file), clean = new PictureRestorer(model).Restore(file).Picture;

        // The latents: 8 × 4 of them, with 2 × 1 hyper latents.
        int hyperWidth = (int)model.Codec.Options.HyperWidth;
        var hyper = new int[hyperWidth * 2];
        new RansDecoder(file.Latents.HyperStream, true).Pop(hyper, [.. Enumerable.Range(0, hyper.Length).Select(i => i / 2)], Table("hyper_rows"));
        float[] medians = Floats(_tables["medians"]!);
        float[] z = [.. hyper.Select((symbol, i) => symbol + medians[i / 2])];
        var indexer = new ScaleIndexer(Floats(_tables["scale_table"]!));
        var decoder = new RansDecoder(file.Latents.LatentStream, true);
        var coder = new DecodingSliceCoder(indexer, Table("latent_rows"), decoder, file.Latents);
        int calls = 0;
        float[] latents = Walk(_about["codec"]!["contexts"]!, new() { ["input0"] = (z, [1, hyperWidth, 1, 2]) }, (scales, means) =>
        {
            using var scope = new TensorScope();
            using IDisposable host = HostEngine.Instance.Use();
            Tensor coded = coder.Code(
                calls / 2, calls++ % 2 == 0, Tensor.From<float>(scales.Values, scales.Shape), Tensor.From<float>(means.Values, means.Shape));
            return (coded.ToArray<float>(), coded.Shape.ToArray());
        });
        Assert.Equal(2 * (int)_about["codec"]!["slices"]!, calls);
        decoder.EnsureFinished();

        JsonNode level = _tables["gains"]!.AsArray().Single(each => (double)each!["quality"]! == 4)!;
        float[] inverse = Floats(level["inverse_gain"]!);
        int size = latents.Length / inverse.Length;
        float[] scaled = [.. latents.Select((value, i) => value * inverse[i / size])];
        float[] decoded = Walk(_about["codec"]!["synthesis"]!, new() { ["input0"] = (scaled, [1, inverse.Length, 4, 8]) });
        AssertSame(expected, decoded);

        float[] tasks = [.. _about["degradations"]!.AsArray().Select(word => (string)word! == "hazy" ? 1f : 0f)];
        float[] planes = [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Range(0, 128 * 64).Select(i => expected.Rgb[3 * i + c] / 255f))];
        float[] restored = Walk(_about["restorer"]!, new()
        {
            ["input0"] = (planes, [1, 3, 64, 128]), ["input1"] = (new float[128 * 64], [1, 1, 64, 128]), ["input2"] = (tasks, [1, tasks.Length]),
        });
        AssertSame(clean, restored);
    }

    [Fact]
    public void TheRecogniserIsThereWithItsWords()
    {
        JsonNode recogniser = _about["recogniser"]!;
        Assert.Equal("clean", (string)recogniser["words"]!.AsArray()[^1]!);
        using var session = new InferenceSession(Path.Combine(_folder, (string)recogniser["graphs"]![0]!["file"]!));
        Assert.Equal(["input0", "input1"], session.InputNames.Order());
    }

    [Fact]
    public void AModelThatWasUsedIsNotExported()
    {
        using LlIcmModel model = LlIcmModel.Load();
        new PictureCodec(model).Compress(TinyModel.Picture(32, 32));
        Assert.Throws<InvalidOperationException>(() => ModelExport.Write(model, _folder));
    }

    private float[] Walk(
        JsonNode program, Dictionary<string, (float[] Values, long[] Shape)> inputs,
        Func<(float[] Values, long[] Shape), (float[] Values, long[] Shape), (float[] Values, long[] Shape)>? call = null)
    {
        // Between graphs go numbers and, where graphs reckon with sizes, integers.
        var values = inputs.ToDictionary(each => each.Key, each => OrtValue.CreateTensorValueFromMemory(each.Value.Values, each.Value.Shape));
        (float[] Values, long[] Shape) Read(string name) => (values[name].GetTensorDataAsSpan<float>().ToArray(), values[name].GetTensorTypeAndShape().Shape);
        string last = "";
        foreach (JsonNode? graph in program["graphs"]!.AsArray())
        {
            using var session = new InferenceSession(Path.Combine(_folder, (string)graph!["file"]!));
            string[] takes = [.. graph["inputs"]!.AsArray().Select(each => (string)each!["name"]!)], gives = [.. graph["outputs"]!.AsArray().Select(each => (string)each!["name"]!)];
            using var options = new RunOptions();
            foreach ((int i, OrtValue result) in session.Run(options, takes, [.. takes.Select(name => values[name])], gives).Index()) values[last = gives[i]] = result;
            if (graph["then"] is not { } then) continue;
            (float[] coded, long[] shape) = call!(Read((string)then["scales"]!), Read((string)then["means"]!));
            values[(string)then["result"]!] = OrtValue.CreateTensorValueFromMemory(coded, shape);
        }
        return Read(last).Values;
    }

    private CdfTable Table(string name)
    {
        JsonArray rows = _tables[name]!.AsArray();
        int[][] cumulative = [.. rows.Select(row => row!["cumulative"]!.AsArray().Select(each => (int)each!).ToArray())];
        int stride = cumulative.Max(row => row.Length);
        int[] flat = [.. cumulative.SelectMany(row => row.Concat(Enumerable.Repeat(0, stride - row.Length)))];
        return new CdfTable(flat, stride, [.. cumulative.Select(row => row.Length)], [.. rows.Select(row => (int)row!["offset"]!)]);
    }

    private static float[] Floats(JsonNode numbers) => [.. numbers.AsArray().Select(number => (float)number!)];

    // Rounding may differ in the last bit, and so a value by one level.
    private static void AssertSame(Picture expected, float[] planes)
    {
        int pixels = expected.Width * expected.Height;
        for (int i = 0; i < pixels; i++)
            for (int c = 0; c < 3; c++) Assert.InRange(expected.Rgb[3 * i + c] - Math.Clamp(planes[c * pixels + i] * 255, 0, 255), -1.01, 1.01);
    }
}
