using System.Text.Json;
using LlIcm.Codecs.CompressAi;
using LlIcm.EntropyCoding;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Codecs;

/// <summary>Every CompressAI codec of the golden set computes, codes and decodes as the reference does.</summary>
[Trait("Category", "parity")]
public sealed class CompressAiParityTests
{
    private const string Probe = "mbt2018.tiny.json";
    private const double Value = 2e-5, Likelihood = 1e-5, Relative = 1e-5;

    [FixtureFact("codec", Probe)]
    public void OnePassEqualsTheReference() => ForEach((model, golden, input, facts) =>
    {
        CompressAiOutput output = model.Forward(golden[$"{input}.x"]);
        golden.AssertClose($"{input}.x_hat", output.Reconstruction, Value, Value);
        golden.AssertClose($"{input}.likelihoods.y", output.LatentLikelihoods, Likelihood);
        Assert.Equal(golden.Has($"{input}.likelihoods.z"), output.HyperLikelihoods is not null);
        if (output.HyperLikelihoods is { } hyper) golden.AssertClose($"{input}.likelihoods.z", hyper, Likelihood);
        double[] bits = [.. facts.GetProperty("bits").GetProperty("total").EnumerateArray().Select(each => each.GetDouble())];
        Golden.AssertClose(bits, [.. output.Bits().ToArray<float>().Select(each => (double)each)], 0, Relative, "bits");
    });

    [FixtureFact("codec", Probe)]
    public void SymbolsAndBytesEqualTheReference() => ForEach((model, golden, input, _) =>
    {
        Tensor x = golden[$"{input}.x"];
        for (int k = 0; k < x.Size(0); k++)
        {
            var seen = new Dictionary<string, (List<int> Symbols, List<int> Rows)>();
            CompressAiStreams streams = model.Encode(x.Narrow(0, k, 1), (name, symbols, rows) =>
            {
                if (!seen.TryGetValue(name, out (List<int> Symbols, List<int> Rows) lists)) seen[name] = lists = ([], []);
                lists.Symbols.AddRange(symbols);
                lists.Rows.AddRange(rows);
            });
            foreach ((string name, (List<int> symbols, List<int> rows)) in seen)
            {
                Assert.Equal(golden[$"{input}.coder.{name}.{k}.symbols"].ToArray<int>(), symbols);
                Assert.Equal(golden[$"{input}.coder.{name}.{k}.indexes"].ToArray<int>(), rows);
                byte[] bytes = name == "y" ? streams.Latents : streams.Hyper!;
                Assert.Equal(golden[$"{input}.coder.{name}.{k}.bytes"].ToArray<byte>(), bytes);
            }
            Assert.Contains("y", seen.Keys);
        }
    });

    [FixtureFact("codec", Probe)]
    public void TheReferencesStreamsAreDecodedToItsPicture() => ForEach((model, golden, input, _) =>
    {
        Tensor x = golden[$"{input}.x"];
        Tensor expected = golden[golden.Has($"{input}.decompress.x_hat") ? $"{input}.decompress.x_hat" : $"{input}.x_hat"].Clamp(0, 1);
        for (int k = 0; k < x.Size(0); k++)
        {
            byte[] Stream(string name) => golden[$"{input}.coder.{name}.{k}.bytes"].ToArray<byte>();
            var streams = new CompressAiStreams(Stream("y"), golden.Has($"{input}.coder.z.{k}.bytes") ? Stream("z") : null);
            Tensor decoded = model.Decode(streams, x.Size(2), x.Size(3));
            Golden.AssertClose(expected.Narrow(0, k, 1), decoded, Value, Value, $"{input}, picture {k}");
        }
    });

    [FixtureFact("codec", Probe)]
    public void ADamagedStreamOrAMissingPartIsAnError()
    {
        using WeightFile file = WeightFile.Open(Fixtures.Path("codec", "mbt2018.tiny.safetensors")!);
        using CompressAiCodec model = CompressAiCodec.Load(file);
        Assert.Throws<EntropyCodingException>(() => model.Decode(new CompressAiStreams(new byte[8], null), 64, 64));
        using WeightFile other = WeightFile.Open(Fixtures.Path("codec", "mlicpp.tiny.safetensors")!);
        WeightFormatException error = Assert.Throws<WeightFormatException>(() => CompressAiCodec.Load(other));
        Assert.Contains("'g_a.0.weight'", error.Message, StringComparison.Ordinal);
    }

    private static void ForEach(Action<CompressAiCodec, Golden, string, JsonElement> check)
    {
        int models = 0;
        foreach (string path in Directory.GetFiles(Fixtures.Path("codec")!, "*.tiny.json").Order(StringComparer.Ordinal))
        {
            JsonElement facts = Golden.Json("codec", Path.GetFileName(path));
            string repository = facts.GetProperty("reference").GetProperty("repository").GetString()!;
            if (!repository.Contains("CompressAI", StringComparison.Ordinal)) continue;
            JsonElement files = facts.GetProperty("files");
            using WeightFile weights = WeightFile.Open(Fixtures.Path("codec", files.GetProperty("weights").GetString()!)!);
            using CompressAiCodec model = CompressAiCodec.Load(weights);
            using Golden golden = Golden.Open("codec", files.GetProperty("tensors").GetString()!);
            foreach (JsonProperty input in facts.GetProperty("inputs").EnumerateObject())
            {
                using var scope = new TensorScope();
                using var noGrad = GradMode.Disable();
                check(model, golden, input.Name, input.Value);
            }
            models++;
        }
        Assert.True(models > 0, "no CompressAI codec among the fixtures");
    }
}
