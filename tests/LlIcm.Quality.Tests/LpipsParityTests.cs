using System.Text.Json;
using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

[Trait("Category", "parity")]
public class LpipsParityTests
{
    private const string Set = "iqa", Numbers = "lpips.json", Tensors = "lpips.io.safetensors";
    private const double Absolute = 1e-6, Relative = 2e-5;

    [FixtureTheory(Set, Numbers)]
    [InlineData(LpipsNetwork.Alex)]
    [InlineData(LpipsNetwork.Vgg)]
    [InlineData(LpipsNetwork.Squeeze)]
    public void Distances_layers_maps_and_features_are_the_reference_ones(LpipsNetwork network)
    {
        JsonElement json = Golden.Json(Set, Numbers);
        using Golden golden = Golden.Open(Set, Tensors);
        using Lpips model = Model(network, json);
        string prefix = network.ToString().ToLowerInvariant() + ".";
        using var noGrad = GradMode.Disable();
        int cases = 0;
        foreach (JsonProperty each in json.GetProperty("cases").EnumerateObject())
        {
            if (!each.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            using var scope = new TensorScope();
            string input = "in." + each.Name[prefix.Length..];
            Tensor first = golden[input + ".0"], second = golden[input + ".1"];

            golden.AssertClose(each.Name + ".total", model.Forward(first, second), Absolute, Relative);
            Tensor[] layers = model.Layers(first, second);
            for (int k = 0; k < layers.Length; k++)
                golden.AssertClose($"{each.Name}.layer{k}", layers[k], Absolute, Relative);
            if (golden.Has(each.Name + ".spatial"))
                golden.AssertClose(each.Name + ".spatial", model.Map(first, second), 1e-5, Relative);

            AssertNumbers(each.Value, "total", model.Forward(first, second));
            AssertNumbers(each.Value, "total_swapped", model.Forward(second, first));
            AssertNumbers(each.Value, "total_identical", model.Forward(first, first));
            Tensor baseline = model.Layers(first, second, calibrated: false).Aggregate((a, b) => a + b);
            AssertNumbers(each.Value, "baseline_lpips_false", baseline);
            AssertFeatures(each.Value.GetProperty("features_in0"), model.Features(first));
            cases++;
        }
        Assert.NotEqual(0, cases);
    }

    [FixtureTheory(Set, Numbers)]
    [InlineData(LpipsNetwork.Alex)]
    [InlineData(LpipsNetwork.Squeeze)]
    public void Double_precision_gives_the_double_precision_numbers(LpipsNetwork network)
    {
        JsonElement json = Golden.Json(Set, Numbers);
        using Golden golden = Golden.Open(Set, Tensors);
        using Lpips model = Model(network, json);
        model.To(Device.Cpu, ScalarType.Double);
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        string name = network.ToString().ToLowerInvariant() + ".b";
        Tensor total = model.Forward(golden["in.b.0"].To(ScalarType.Double), golden["in.b.1"].To(ScalarType.Double));
        // The constants of the scaling layer are single-precision numbers on both sides.
        double[] expected = Doubles(json.GetProperty("cases").GetProperty(name).GetProperty("total_f64"));
        Golden.AssertClose(expected, total.ToArray<double>(), 1e-9, 1e-7, name);
    }

    [FixtureFact(Set, Numbers)]
    public void The_published_example_pictures_have_their_distances()
    {
        JsonElement json = Golden.Json(Set, Numbers);
        JsonElement expected = json.GetProperty("example_images_squeeze_genuine");
        using Golden golden = Golden.Open(Set, Tensors);
        using Lpips model = Model(LpipsNetwork.Squeeze, json);
        Picture reference = golden.Picture("example.ref");
        foreach (string name in (string[])["p0", "p1"])
        {
            double published = expected.GetProperty("d_ref_" + name).GetDouble();
            double actual = model.Distance(reference, golden.Picture("example." + name));
            Assert.Equal(published, actual, Absolute + Relative * published);
        }
    }

    private static Lpips Model(LpipsNetwork network, JsonElement json)
    {
        JsonElement source = json.GetProperty("backbone_weights").GetProperty(network.ToString().ToLowerInvariant());
        if (network == LpipsNetwork.Squeeze) return Lpips.Load(network, GenuineWeights.SqueezeNet());
        return source.TryGetProperty("file", out JsonElement file)
            ? Lpips.Load(network, Fixtures.Path(Set, file.GetString()!)!)
            : FromFormula(network, json.GetProperty("formula"), source.GetProperty("seed").GetUInt32());
    }

    private static void AssertNumbers(JsonElement expected, string field, Tensor actual) =>
        Golden.AssertClose(
            Doubles(expected.GetProperty(field)), actual.To(ScalarType.Double).ToArray<double>(),
            Absolute, Relative, field);

    private static void AssertFeatures(JsonElement expected, List<Tensor> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        for (int k = 0; k < actual.Count; k++)
        {
            JsonElement spots = expected[k];
            Assert.Equal(
                spots.GetProperty("shape").EnumerateArray().Select(each => each.GetInt64()), actual[k].Shape.ToArray());
            float[] values = actual[k].ToArray<float>();
            IEnumerable<int> places = spots.GetProperty("index").EnumerateArray().Select(place => place.GetInt32());
            double[] picked = [.. places.Select(place => (double)values[place])];
            Golden.AssertClose(Doubles(spots.GetProperty("value")), picked, 1e-5, Relative, $"features {k}");
            double sum = values.AsSpan(0, values.Length / (int)actual[k].Size(0)).ToArray().Sum(v => (double)v);
            double published = spots.GetProperty("sum_sample0").GetDouble();
            Assert.Equal(published, sum, Math.Abs(published) * Relative);
        }
    }

    private static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetDouble())];

    // The integer hash of the fixture's text "_formula", with the check values listed beside it.
    private static Lpips FromFormula(LpipsNetwork network, JsonElement formula, uint seed)
    {
        var model = new Lpips(network);
        uint position = 0;
        Dictionary<string, Tensor> parameters = model.NamedParameters().ToDictionary(
            each => each.Name, each => each.Tensor);
        foreach (JsonProperty entry in formula.GetProperty(network.ToString().ToLowerInvariant()).EnumerateObject())
        {
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(each => each.GetInt64())];
            double bound = shape.Length == 1 ? 0.05 : Math.Sqrt(6.0 / shape[1..].Aggregate(1L, (a, b) => a * b));
            var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            for (uint i = 0; i < values.Length; i++)
            {
                uint x = unchecked((i + 1) * 2654435761 + (position + 1) * 2246822519 + seed * 3266489917);
                x ^= x >> 15;
                x = unchecked(x * 2246822519);
                x ^= x >> 13;
                x = unchecked(x * 3266489917);
                x ^= x >> 16;
                double unit = (x >> 8) / 16777216.0;
                values[i] = (float)((2 * unit - 1) * bound);
            }
            Golden.AssertClose(
                Doubles(entry.Value.GetProperty("first4")), [.. values[..4].Select(v => (double)v)], 0, 0, entry.Name);
            Assert.Equal(entry.Value.GetProperty("sum_f64").GetDouble(), values.Sum(v => (double)v), 1e-6);
            using Tensor tensor = Tensor.From<float>(values, shape).Unscoped();
            using var noGrad = GradMode.Disable();
            parameters[entry.Name].CopyInPlace(tensor);
            position++;
        }
        return model;
    }
}
