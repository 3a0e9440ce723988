using System.Buffers.Binary;
using System.Text.Json;
using LlIcm.EntropyCoding;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Tests.EntropyCoding;

/// <summary>The coder against streams and tables recorded from CompressAI.</summary>
[Trait("Category", "parity")]
public sealed class RansParityTests
{
    private static readonly Lazy<JsonElement> Cases = new(() =>
        JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("codec", "rans.json")!)).RootElement);

    [FixtureFact("codec", "rans.json")]
    public void EncodesAndDecodesEveryRecordedCase()
    {
        foreach (JsonElement c in Cases.Value.GetProperty("encode_cases").EnumerateArray())
        {
            string name = c.GetProperty("name").GetString()!;
            byte[] expected = Convert.FromHexString(c.GetProperty("encoded_hex").GetString()!);
            Check(name, Ints(c, "symbols"), Ints(c, "indexes"), Table(c), expected);
        }
    }

    [FixtureFact("codec", "rans.json")]
    public void SeveralCallsMakeOneStream()
    {
        foreach (JsonElement c in Cases.Value.GetProperty("multi_call_cases").EnumerateArray())
        {
            CdfTable table = Table(c);
            var encoder = new RansEncoder();
            foreach (JsonElement call in c.GetProperty("calls").EnumerateArray())
                encoder.Push(Ints(call, "symbols"), Ints(call, "indexes"), table);
            byte[] stream = encoder.Finish();
            Assert.Equal(c.GetProperty("encoded_hex").GetString(), Convert.ToHexStringLower(stream));

            var decoder = new RansDecoder(stream);
            foreach (JsonElement call in c.GetProperty("calls").EnumerateArray())
            {
                int[] symbols = Ints(call, "symbols");
                var decoded = new int[symbols.Length];
                decoder.Pop(decoded, Ints(call, "indexes"), table);
                Assert.Equal(symbols, decoded);
            }

            decoder.EnsureFinished();
        }
    }

    [FixtureFact("codec", "rans.safetensors")]
    public void EncodesAndDecodesTheLongStreams()
    {
        using WeightFile tensors = WeightFile.Open(Fixtures.Path("codec", "rans.safetensors")!);
        JsonElement[] cases = [.. Cases.Value.EnumerateObject()
            .Where(p => p.Name.StartsWith("long", StringComparison.Ordinal)).Select(p => p.Value)];
        Assert.NotEmpty(cases);
        CdfTable table = Table(tensors, "gaussian");
        foreach (JsonElement c in cases)
        {
            Check(
                c.GetProperty("symbols").GetString()!, Tensor("symbols").ToIntArray(), Tensor("indexes").ToIntArray(),
                table, Tensor("bytes").Data);

            StoredTensor Tensor(string name) => tensors[c.GetProperty(name).GetString()!];
        }
    }

    [FixtureFact("codec")]
    public void EncodesAndDecodesTheStreamsOfEveryModel()
    {
        string[] recordings = Directory.GetFiles(Fixtures.Path("codec")!, "*.io.safetensors");
        Assert.NotEmpty(recordings);
        foreach (string recording in recordings)
        {
            using WeightFile io = WeightFile.Open(recording);
            using WeightFile model = WeightFile.Open(recording.Replace(".io.", ".", StringComparison.Ordinal));
            CdfTable z = Table(model, "entropy_bottleneck");
            CdfTable y = model.Tensors.ContainsKey("gaussian_conditional._quantized_cdf")
                ? Table(model, "gaussian_conditional")
                : z;
            string[] cases = [.. io.Tensors.Keys.Where(name => name.Contains("coder.") && name.EndsWith(".symbols"))];
            Assert.NotEmpty(cases);
            foreach (string name in cases)
            {
                string stem = name[..^".symbols".Length];
                Check(
                    $"{Path.GetFileName(recording)} {stem}", io[name].ToIntArray(), io[$"{stem}.indexes"].ToIntArray(),
                    stem.Contains("coder.y") ? y : z, io[$"{stem}.bytes"].Data);
            }
        }
    }

    [FixtureFact("codec", "rans.json")]
    public void QuantisesEveryRecordedProbabilityTable()
    {
        foreach (JsonElement c in Cases.Value.GetProperty("pmf_to_quantized_cdf").EnumerateArray())
        {
            float[] pmf = [.. c.GetProperty("pmf_float32_hex_be").EnumerateArray()
                .Select(h => BinaryPrimitives.ReadSingleBigEndian(Convert.FromHexString(h.GetString()!)))];
            Assert.Equal(Ints(c, "cdf"), PmfToCdf.Quantise(pmf));
        }
    }

    private static void Check(string name, int[] symbols, int[] indexes, CdfTable table, ReadOnlySpan<byte> expected)
    {
        var encoder = new RansEncoder();
        encoder.Push(symbols, indexes, table);
        byte[] stream = encoder.Finish();
        Assert.True(expected.SequenceEqual(stream), $"{name}: other bytes");

        var decoded = new int[symbols.Length];
        var decoder = new RansDecoder(expected.ToArray());
        decoder.Pop(decoded, indexes, table);
        decoder.EnsureFinished();
        Assert.True(symbols.AsSpan().SequenceEqual(decoded), $"{name}: other symbols");
    }

    private static CdfTable Table(JsonElement c)
    {
        int[][] rows = [.. c.GetProperty("cdfs").EnumerateArray()
            .Select(row => row.EnumerateArray().Select(e => e.GetInt32()).ToArray())];
        int stride = rows.Max(r => r.Length);
        int[] flat = [.. rows.SelectMany(r => r.Concat(Enumerable.Repeat(0, stride - r.Length)))];
        return new CdfTable(flat, stride, Ints(c, "cdf_lengths"), Ints(c, "offsets"));
    }

    private static CdfTable Table(WeightFile file, string prefix)
    {
        StoredTensor cdf = file[$"{prefix}._quantized_cdf"];
        return new CdfTable(
            cdf.ToIntArray(), (int)cdf.Shape[1], file[$"{prefix}._cdf_length"].ToIntArray(),
            file[$"{prefix}._offset"].ToIntArray());
    }

    private static int[] Ints(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];
}
