using LlIcm.TestSupport;

namespace LlIcm.Tensors.Serialization;

/// <summary>Damaged weight files; see <see cref="Fuzz"/>.</summary>
public sealed class WeightFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_safetensors_are_read_or_refused()
    {
        string path = _folder["seed.safetensors"];
        SafeTensorsWriter.Write(
            path,
            [("a", ScalarType.Float, [2, 3], new byte[24]), ("b.weight", ScalarType.Half, [4], new byte[8])],
            new Dictionary<string, string> { ["format"] = "pt" });
        Fuzz.Run(
            "safetensors", 3000, [File.ReadAllBytes(path)],
            data =>
            {
                using SafeTensorsFile file = SafeTensorsFile.Open(data);
                foreach (StoredTensor tensor in file.Tensors.Values) _ = tensor.Shape;
            },
            typeof(WeightFormatException));
    }

    [Fact]
    public void Damaged_checkpoints_are_read_or_refused()
    {
        var torch = new TorchFiles();
        var root = new Dictionary<string, object?>
        {
            ["state_dict"] = new Dictionary<string, object?> { ["a"] = torch.Floats([1, 2, 3]), ["b"] = torch.Floats([4, 5], 2, 1) },
            ["args"] = new PickledObject("argparse.Namespace", ("lr", 0.001)),
            ["epoch"] = 3,
            ["best"] = new PickledCall("numpy.core.multiarray", "scalar", [new PickledCall("numpy", "dtype", ["f8", false, true]), new byte[8]]),
        };
        // The pickle inside is damaged too: an archive's checksums would keep most damage from it.
        byte[] pickle = torch.Pickle(root);
        string path = _folder["it.pth"];
        Fuzz.Run("zip", 1000, [torch.Zip(root), torch.Legacy(root)], Open, typeof(WeightFormatException));
        Fuzz.Run("pickle", 3000, [pickle], data => Open(torch.ZipOf(data)), typeof(WeightFormatException));

        void Open(byte[] data)
        {
            File.WriteAllBytes(path, data);
            using WeightFile file = WeightFile.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values) _ = tensor.Shape;
        }
    }
}
