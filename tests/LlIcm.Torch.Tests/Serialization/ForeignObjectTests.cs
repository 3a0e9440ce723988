namespace LlIcm.Tensors.Serialization;

/// <summary>What training scripts save beside the weights: nothing of it is built, and the weights are read.</summary>
public sealed class ForeignObjectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, object?> Companions()
    {
        var dtype = new PickledCall("numpy", "dtype", ["f8", false, true]);
        var day = new PickledCall("datetime", "datetime", [new byte[] { 7, 230, 1, 2, 3, 4, 5, 0, 0, 0 }]);
        return new TheoryData<string, object?>
        {
            { "options", new PickledObject("argparse.Namespace", ("lr", 0.001), ("out", new PickledCall("pathlib", "PosixPath", ["/", "tmp"]))) },
            { "options of another kind", new PickledObject("types.SimpleNamespace", ("x", 1)) },
            { "array", new PickledCall("numpy.core.multiarray", "_reconstruct", [new PickledCall("numpy", "ndarray", null), (object?[])[0], new byte[] { 98 }]) },
            { "array of today", new PickledCall("numpy._core.multiarray", "_reconstruct", [new PickledCall("numpy", "ndarray", null), (object?[])[0], new byte[] { 98 }]) },
            { "scalar", new PickledCall("numpy.core.multiarray", "scalar", [dtype, new byte[8]]) },
            { "text scalar", new PickledCall("numpy.core.multiarray", "scalar", [new PickledCall("numpy", "dtype", ["U3", false, true]), new byte[12]]) },
            { "path", new PickledCall("pathlib", "WindowsPath", ["C:", "x"]) },
            { "newer path", new PickledCall("pathlib._local", "PosixPath", ["x"]) },
            { "date", day },
            { "dates", new List<object?> { day, new PickledCall("datetime", "timedelta", [1, 2, 3]) } },
            { "counter", new PickledCall("collections", "Counter", []) },
            { "queue", new PickledCall("collections", "deque", [new List<object?> { 1, 2 }, 5]) },
            { "plain object", new PickledCall("copyreg", "_reconstructor", [new PickledCall("argparse", "Namespace", null), new PickledCall("builtins", "object", null), null]) },
        };
    }

    [Theory]
    [MemberData(nameof(Companions))]
    public void Weights_are_read_beside(string name, object? companion)
    {
        // Before, between and after the tensors, in a list, and below one another.
        var torch = new TorchFiles();
        var root = new Dictionary<string, object?>
        {
            [name] = companion,
            ["state_dict"] = new Dictionary<string, object?> { ["a"] = torch.Floats([1, 2, 3]), ["_" + name] = companion, ["b"] = torch.Floats([4]) },
            ["more"] = new List<object?> { companion, new Dictionary<string, object?> { ["deep"] = companion } },
        };
        foreach (byte[] file in (byte[][])[torch.Zip(root), torch.Legacy(root)])
        {
            string path = Path.Combine(_folder.Path, "it.pth");
            File.WriteAllBytes(path, file);
            using WeightFile weights = WeightFile.Open(path);
            Assert.Equal(["a", "b"], weights.Tensors.Keys.Order());
            Assert.Equal([3L], weights.Tensors["a"].Shape);
        }
    }

    [Fact]
    public void A_foreign_object_with_a_state_and_entries_is_inert()
    {
        var torch = new TorchFiles();
        PickledTensor tensor = torch.Floats([1, 2]);
        byte[] head = torch.Pickle(new Dictionary<string, object?> { ["w"] = tensor })[..^1];
        // A subclass of dict, made with named arguments, filled, and given a state; then the weights.
        byte[] pickle = new PickleWriter().Op("(").Global("easydict", "EasyDict").Op(")}").Raw(0x92)
            .Op("(").Write("k").Write(1).Op("u}").Write("s").Write(2).Op("sb").Raw(head.AsSpan(2)).Op("t").Finish();
        string path = Path.Combine(_folder.Path, "it.pth");
        File.WriteAllBytes(path, torch.ZipOf(pickle));
        using WeightFile weights = WeightFile.Open(path);
        Assert.Equal([2L], Assert.Single(weights.Tensors).Value.Shape);
    }

    [Fact]
    public void A_big_endian_scalar_is_read_as_one()
    {
        var type = new NumpyType("f8");
        PickleGlobals.SetState(type, (object?[])[3L, ">", null]);
        Assert.Equal(0.25, type.Read([.. BitConverter.GetBytes(0.25).Reverse()]));
    }
}
