using System.Text.Json;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.TestSupport;

/// <summary>
/// A few numbers of each network's output, for weights and inputs that a formula makes: what every clone can check. They were written by the code that equals the
/// published networks on the large fixtures. <c>LLICM_WRITE_GOLDEN=1</c> writes them anew.
/// </summary>
internal static class NetworkGolden
{
    private const int Probes = 6;

    /// <summary>Gives every parameter values that depend on its name and place alone; scales and variances stay near 1.</summary>
    public static void Fill(Module network)
    {
        using var noGrad = GradMode.Disable();
        foreach ((string name, Tensor parameter) in network.NamedParameters())
        {
            using var scope = new TensorScope();
            long[] shape = parameter.Shape.ToArray();
            double inputs = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
            double size = shape.Length > 1 ? Math.Sqrt(3 / inputs) : 0.1;
            bool isScale = shape.Length == 1 && name.EndsWith("weight", StringComparison.Ordinal);
            parameter.CopyInPlace(Numbers(shape, Hash(name), size, isScale ? 1 : 0).To(parameter.Device, parameter.Type));
        }
    }

    /// <summary>Numbers between <c>middle - size</c> and <c>middle + size</c>.</summary>
    public static Tensor Numbers(long[] shape, uint seed, double size, double middle = 0)
    {
        float[] values = new float[shape.Aggregate(1L, (product, each) => product * each)];
        uint state = seed;
        for (int i = 0; i < values.Length; i++)
        {
            state = state * 1664525 + 1013904223;
            values[i] = (float)(middle + size * (2.0 * (state >> 8) / (1 << 24) - 1));
        }
        return Tensor.From<float>(values, shape);
    }

    /// <summary>Compares an output with what is written down.</summary>
    /// <param name="file">In the tests' folder <c>Golden</c>.</param>
    /// <param name="name">The network's.</param>
    /// <param name="output">Its output.</param>
    public static void Check(string file, string name, Tensor output)
    {
        float[] values = output.To(Device.Cpu, ScalarType.Float).ToArray<float>();
        double norm = Math.Sqrt(values.Sum(value => (double)value * value));
        double[] probes = [.. Enumerable.Range(0, Probes).Select(i => (double)values[(long)i * (values.Length - 1) / (Probes - 1)])];
        Assert.True(double.IsFinite(norm), name);
        if (Environment.GetEnvironmentVariable("LLICM_WRITE_GOLDEN") == "1")
        {
            string source = Path.Combine(SourceFolder(), file);
            SortedDictionary<string, Entry> all = File.Exists(source) ? JsonSerializer.Deserialize<SortedDictionary<string, Entry>>(File.ReadAllText(source))! : [];
            all[name] = new Entry(output.Shape.ToArray(), norm, probes);
            File.WriteAllText(source, JsonSerializer.Serialize(all, s_indented));
            return;
        }
        Entry expected = JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file)))![name];
        Assert.Equal(expected.Shape, output.Shape.ToArray());
        Assert.Equal(expected.Norm, norm, 2e-4 * expected.Norm);
        double typical = expected.Norm / Math.Sqrt(values.Length);
        for (int i = 0; i < Probes; i++) Assert.Equal(expected.Probes[i], probes[i], 1e-3 * typical + 1e-3 * Math.Abs(expected.Probes[i]));
    }

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private static string SourceFolder() => Path.Combine(Repository.Root, "tests", typeof(NetworkGolden).Assembly.GetName().Name!, "Golden");

    private static uint Hash(string text)
    {
        uint hash = 2166136261;
        foreach (char letter in text) hash = (hash ^ letter) * 16777619;
        return hash;
    }

    private sealed record Entry(long[] Shape, double Norm, double[] Probes);
}
