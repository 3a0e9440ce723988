using System.Buffers.Binary;
using System.Text.Json;
using LlIcm.EntropyCoding;
using LlIcm.TestSupport;

namespace LlIcm.Tests.EntropyCoding;

/// <summary>The coder against streams and tables recorded from CompressAI.</summary>
[Trait("Category", "parity")]
public sealed class RansParityTests
{
    private static readonly Lazy<JsonElement> Cases = new(() =>
        JsonDocument.Parse(File.ReadAllBytes(Fixtures.Path("codec", "rans.json")!)).RootElement);

    private static readonly Lazy<TinySafeTensors> Tensors = new(() =>
        new TinySafeTensors(Fixtures.Path("codec", "rans.safetensors")!));

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
        TinySafeTensors tensors = Tensors.Value;
        JsonElement[] cases = [.. Cases.Value.EnumerateObject()
            .Where(p => p.Name.StartsWith("long", StringComparison.Ordinal)).Select(p => p.Value)];
        Assert.NotEmpty(cases);
        CdfTable table = Table(tensors, "gaussian");
        foreach (JsonElement c in cases)
        {
            Check(
                c.GetProperty("symbols").GetString()!, tensors.Ints(c.GetProperty("symbols").GetString()!),
                tensors.Ints(c.GetProperty("indexes").GetString()!), table,
                tensors.Bytes(c.GetProperty("bytes").GetString()!));
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

    private static void Check(string name, int[] symbols, int[] indexes, CdfTable table, byte[] expected)
    {
        var encoder = new RansEncoder();
        encoder.Push(symbols, indexes, table);
        byte[] stream = encoder.Finish();
        Assert.True(expected.AsSpan().SequenceEqual(stream), $"{name}: other bytes");

        var decoded = new int[symbols.Length];
        var decoder = new RansDecoder(expected);
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

    private static CdfTable Table(TinySafeTensors tensors, string prefix) => new(
        tensors.Ints($"{prefix}._quantized_cdf"), tensors.Shape($"{prefix}._quantized_cdf")[1],
        tensors.Ints($"{prefix}._cdf_length"), tensors.Ints($"{prefix}._offset"));

    private static int[] Ints(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];
}
