using System.Globalization;
using System.Text.Json;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.TestSupport;

/// <summary>A fixture file of golden tensors, and the comparison with them.</summary>
internal sealed class Golden : IDisposable
{
    private readonly WeightFile _file;

    private Golden(WeightFile file) => _file = file;

    /// <summary>The names of the tensors, in file order.</summary>
    public IEnumerable<string> Names => _file.Tensors.Keys;

    /// <summary>The file itself: shapes and metadata without a tensor.</summary>
    public WeightFile File => _file;

    /// <summary>A stored tensor; the caller (or the scope) frees it.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public Tensor this[string name] => ToTensor(_file[name]);

    /// <summary>Opens a fixture, e.g. <c>Golden.Open("restore", "clip.tiny.safetensors")</c>.</summary>
    public static Golden Open(params string[] parts) => new(WeightFile.Open(PathOf(parts)));

    /// <summary>Reads a JSON fixture.</summary>
    public static JsonElement Json(params string[] parts)
    {
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(PathOf(parts)));
        return document.RootElement.Clone();
    }

    /// <summary>
    /// The lines <c>name TAB dtype TAB shape</c> of a <c>*.keys.txt</c> fixture, without the comments.
    /// </summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Keys(params string[] parts) =>
        [.. System.IO.File.ReadLines(PathOf(parts))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Select(fields => (fields[0], fields[2] == "scalar"
                ? Array.Empty<long>()
                : [.. fields[2].Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))]))];

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Has(string name) => _file.Tensors.ContainsKey(name);

    /// <summary>A stored tensor or null: what <c>Module.LoadState</c> asks for.</summary>
    public Tensor? Find(string name) =>
        _file.Tensors.TryGetValue(name, out StoredTensor? stored) ? ToTensor(stored) : null;

    /// <summary>A metadata entry that holds JSON.</summary>
    public JsonElement Metadata(string key)
    {
        using JsonDocument document = JsonDocument.Parse(_file.Metadata[key]);
        return document.RootElement.Clone();
    }

    /// <summary>Compares with a stored tensor; the message names it.</summary>
    public void AssertClose(string name, Tensor actual, double absolute, double relativeToMax = 0)
    {
        using Tensor expected = ToTensor(_file[name]).Unscoped();
        AssertClose(expected, actual, absolute, relativeToMax, name);
    }

    /// <summary>
    /// Asserts equal shapes and |actual - expected| ≤ absolute + relativeToMax·max|expected| everywhere. The message
    /// has the worst error and where it is; a NaN on one side only is a failure.
    /// </summary>
    public static void AssertClose(
        Tensor expected, Tensor actual, double absolute, double relativeToMax = 0, string what = "tensor")
    {
        Assert.True(
            expected.Shape.SequenceEqual(actual.Shape), $"{what}: expected {expected}, got {actual}");
        AssertClose(Doubles(expected), Doubles(actual), absolute, relativeToMax, what);
    }

    /// <summary>The same for numbers.</summary>
    public static void AssertClose(
        ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double absolute, double relativeToMax = 0,
        string what = "values")
    {
        if (expected.Length != actual.Length)
            Assert.Fail($"{what}: expected {expected.Length} values, got {actual.Length}");
        double largest = 0, worst = 0;
        int at = -1;
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsFinite(expected[i])) largest = Math.Max(largest, Math.Abs(expected[i]));
            if (expected[i].Equals(actual[i])) continue;
            double error = Math.Abs(expected[i] - actual[i]);
            if (double.IsNaN(error)) error = double.PositiveInfinity;
            if (error > worst) (worst, at) = (error, i);
        }
        double limit = absolute + relativeToMax * largest;
        if (worst <= limit) return;
        Assert.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: worst error {worst:g4} (limit {limit:g4}, largest value {largest:g4}) at element {at} of "
            + $"{expected.Length}: expected {expected[at]:r}, got {actual[at]:r}"));
    }

    public void Dispose() => _file.Dispose();

    private static Tensor ToTensor(StoredTensor stored) => Tensor.FromBytes(stored.Data, stored.Type, stored.Shape);

    private static double[] Doubles(Tensor tensor)
    {
        using Tensor detached = tensor.Detach().Unscoped();
        using Tensor wide = detached.To(Device.Cpu, ScalarType.Double).Unscoped();
        return wide.ToArray<double>();
    }

    private static string PathOf(string[] parts) =>
        Fixtures.Path(parts) ?? throw new FileNotFoundException($"fixture {string.Join('/', parts)} not found");
}
