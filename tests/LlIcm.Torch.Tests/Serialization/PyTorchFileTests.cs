using System.Numerics;
using System.Text;

namespace LlIcm.Tensors.Serialization;

public sealed class PyTorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchFiles _torch = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("zip64")]
    [InlineData("legacy")]
    public void AStateDictIsReadWithEveryElementType(string layout)
    {
        var root = new OrderedDictionary<string, object?>
        {
            ["conv.weight"] = _torch.Floats([1, 2, 3, 4, 5, 6], 1, 2, 3) with { IsParameter = true },
            ["bn.num_batches_tracked"] = _torch.Tensor(ScalarType.Long, BitConverter.GetBytes(-7L)),
            ["half"] = _torch.Tensor(ScalarType.Half, BitConverter.GetBytes((Half)1.5f), 1),
            ["brain"] = _torch.Tensor(ScalarType.BFloat16, [0xC0, 0x3F], 1),
            ["double"] = _torch.Tensor(ScalarType.Double, BitConverter.GetBytes(0.1), 1),
            ["bytes"] = _torch.Tensor(ScalarType.Byte, [1, 2, 255], 3),
            ["flags"] = _torch.Tensor(ScalarType.Bool, [1, 0], 2),
            ["empty"] = _torch.Tensor(ScalarType.Float, [], 0, 4),
            ["version"] = 3,
        };
        byte[] bytes = layout == "legacy" ? _torch.Legacy(root) : _torch.Zip(root, zip64: layout == "zip64");
        using WeightFile file = WeightFile.Open(_folder.File("a.pth", bytes));

        Assert.Equal(root.Keys.Except(["version"]), file.Tensors.Keys);
        Assert.Equal("conv.weight", file["conv.weight"].Name);
        Assert.Equal([1, 2, 3], file["conv.weight"].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], file["conv.weight"].ToFloatArray());
        Assert.Empty(file["bn.num_batches_tracked"].Shape);
        Assert.Equal([-7L], file["bn.num_batches_tracked"].ToLongArray());
        Assert.Equal([1.5f], file["half"].ToFloatArray());
        Assert.Equal([1.5f], file["brain"].ToFloatArray());
        Assert.Equal([0.1f], file["double"].ToFloatArray());
        Assert.Equal([1, 2, 255], file["bytes"].ToIntArray());
        Assert.Equal(ScalarType.Bool, file["flags"].Type);
        Assert.Equal([1, 0], file["flags"].ToIntArray());
        Assert.Empty(file["empty"].ToFloatArray());
        Assert.Equal(layout == "legacy" ? "torch.save (legacy)" : "torch.save", file.Metadata["format"]);
    }

    [Fact]
    public void StridedAndOffsetViewsBecomeContiguous()
    {
        PickledTensor whole = _torch.Floats([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 3, 4);
        using WeightFile file = OpenZip(new OrderedDictionary<string, object?>
        {
            ["whole"] = whole,
            ["transposed"] = whole with { Shape = [4, 3], Strides = [1, 4] },
            ["columns"] = whole with { Offset = 1, Shape = [3, 2], Strides = [4, 2] },
            ["row"] = whole with { Offset = 4, Shape = [4], Strides = [1] },
            ["expanded"] = whole with { Offset = 11, Shape = [2, 3], Strides = [0, 0] },
            ["single"] = whole with { Offset = 2, Shape = [1, 1], Strides = [99, 7] },
        });
        Assert.Equal([0f, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], file["transposed"].ToFloatArray());
        Assert.Equal([1f, 3, 5, 7, 9, 11], file["columns"].ToFloatArray());
        Assert.Equal([4f, 5, 6, 7], file["row"].ToFloatArray());
        Assert.Equal([11f, 11, 11, 11, 11, 11], file["expanded"].ToFloatArray());
        Assert.Equal([2f], file["single"].ToFloatArray());
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    [InlineData("network")]
    [InlineData("params")]
    public void TheStateDictIsFoundInATrainingCheckpoint(string key)
    {
        var optimizer = new Dictionary<string, object?>
        {
            ["state"] = new Dictionary<long, object?>
            {
                [0] = new Dictionary<string, object?> { ["exp_avg"] = _torch.Floats([9]) },
            },
            ["param_groups"] = new List<object?>
            {
                new Dictionary<string, object?> { ["lr"] = 1e-4, ["params"] = new List<long> { 0 } },
            },
        };
        using var file = (PyTorchFile)OpenZip(new OrderedDictionary<string, object?>
        {
            ["epoch"] = 300,
            ["loss"] = _torch.Floats([0.5f]),
            ["optimizer"] = optimizer,
            [key] = new OrderedDictionary<string, object?> { ["g_a.0.weight"] = _torch.Floats([1, 2]) },
        });
        Assert.Equal(["g_a.0.weight"], file.Tensors.Keys);
        Assert.Equal(key, file.Metadata["state_dict"]);
        Assert.Equal(["epoch", "loss", "optimizer", key], file.Tree.Keys);
        Assert.Equal(300L, file.Tree.Find("epoch"));
        Assert.Equal(1e-4, file.Tree.Find("optimizer.param_groups.0.lr"));
        Assert.Equal(["0.exp_avg"], file.Tree.StateDict("optimizer.state").Keys);
        Assert.Equal([1f, 2f], Assert.IsType<StoredTensor>(file.Tree.Find($"{key}.g_a.0.weight")).ToFloatArray());
        Assert.Throws<KeyNotFoundException>(() => file.Tree.Find("optimizer.absent"));
        Assert.Throws<KeyNotFoundException>(() => file.Tree.StateDict("absent"));
    }

    [Fact]
    public void AveragedWeightsAreTakenBeforeThePlainOnesAndBothCanBeAskedFor()
    {
        using var file = (PyTorchFile)OpenZip(new OrderedDictionary<string, object?>
        {
            ["params"] = new OrderedDictionary<string, object?> { ["w"] = _torch.Floats([1]) },
            ["params_ema"] = new OrderedDictionary<string, object?> { ["w"] = _torch.Floats([2]) },
        });
        Assert.Equal([2f], file["w"].ToFloatArray());
        Assert.Equal([1f], file.Tree.StateDict("params")["w"].ToFloatArray());
    }

    [Fact]
    public void WithoutAUsualPlaceEveryTensorIsNamedByItsPath()
    {
        using WeightFile file = OpenZip(new OrderedDictionary<string, object?>
        {
            ["generator"] = new OrderedDictionary<string, object?> { ["w"] = _torch.Floats([1]) },
            ["list"] = new List<object?> { null, _torch.Floats([2]) },
        });
        Assert.Equal(["generator.w", "list.1"], file.Tensors.Keys);
    }

    [Fact]
    public void EveryPlainValueIsReached()
    {
        BigInteger seed = BigInteger.Pow(2, 63) + 5;
        using var file = (PyTorchFile)OpenZip(new OrderedDictionary<string, object?>
        {
            ["none"] = null,
            ["flag"] = true,
            ["large"] = 1L << 40,
            ["negative"] = -3L,
            ["seed"] = seed,
            ["real"] = -2.5,
            ["text"] = "Wörter",
            ["raw"] = new byte[] { 0, 200 },
            ["tuple"] = new object?[] { 1, "x" },
            ["dtype"] = ScalarType.Half,
            ["device"] = new PickledCall("torch", "device", ["cuda", 1]),
            ["size"] = new PickledCall("torch", "Size", [new object?[] { 3, 4 }]),
            ["set"] = new PickledCall("__builtin__", "set", [new List<object?> { "a" }]),
            ["counter"] = new PickledCall("collections", "Counter", [new Dictionary<long, object?> { [450] = 1 }]),
            ["best"] = new PickledCall("numpy.core.multiarray", "scalar",
                [new PickledCall("numpy", "dtype", ["f8", 0, 1]), BitConverter.GetBytes(0.25)]),
            ["weights"] = new Dictionary<string, object?> { ["w"] = _torch.Floats([1]) },
        });
        CheckpointTree tree = file.Tree;
        Assert.Null(tree.Find("none"));
        Assert.Equal(true, tree.Find("flag"));
        Assert.Equal(1L << 40, tree.Find("large"));
        Assert.Equal(-3L, tree.Find("negative"));
        Assert.Equal(seed, tree.Find("seed"));
        Assert.Equal(-2.5, tree.Find("real"));
        Assert.Equal("Wörter", tree.Find("text"));
        Assert.Equal(new byte[] { 0, 200 }, tree.Find("raw"));
        Assert.Equal(new object?[] { 1L, "x" }, tree.Find("tuple"));
        Assert.Equal(ScalarType.Half, tree.Find("dtype"));
        Assert.Equal("cuda:1", tree.Find("device"));
        Assert.Equal(new object?[] { 3L, 4L }, tree.Find("size"));
        Assert.Equal("a", tree.Find("set.0"));
        Assert.Equal(1L, tree.Find("counter.450"));
        Assert.Equal(0.25, tree.Find("best"));
        Assert.Equal(["w"], file.Tensors.Keys);
    }

    [Fact]
    public void NewerProtocolsAreRead()
    {
        // Protocol 4: a frame, short strings, names from the stack, remembered values.
        byte[] pickle =
        [
            0x80, 4, 0x95, 99, 0, 0, 0, 0, 0, 0, 0, (byte)'}', 0x94, (byte)'(',
            0x8c, 1, (byte)'a', 0x94, 0x8c, 5, .. "torch"u8, 0x8c, 4, .. "int8"u8, 0x93,
            0x8c, 1, (byte)'b', (byte)'h', 1, (byte)'u', (byte)'.',
        ];
        using var file = (PyTorchFile)WeightFile.Open(_folder.File("a.pt", _torch.ZipOf(pickle)));
        Assert.Equal(ScalarType.Char, file.Tree.Find("a"));
        Assert.Equal("a", file.Tree.Find("b"));
    }

    [Fact]
    public void ScriptArchivesGiveTheNamesOfAStateDict()
    {
        PickledTensor shared = _torch.Floats([1, 2, 3, 4], 2, 2);
        var root = new PickledObject(
            "__torch__.multimodal.CLIP",
            ("training", false),
            ("logit_scale", _torch.Floats([4.6f])),
            ("visual", new PickledObject(
                "__torch__.multimodal.Tower",
                ("proj", shared),
                ("conv1", new PickledObject(
                    "__torch__.torch.nn.modules.conv.Conv2d", ("weight", shared), ("bias", null))))),
            ("sizes", new PickledCall("torch.jit._pickle", "build_intlist", [new List<long> { 7, 7 }])),
            ("names", new PickledCall(
                "torch.jit._pickle", "restore_type_tag", [new List<string> { "a" }, "List[str]"])));
        byte[] bytes = _torch.Zip(
            root, folder: "ViT",
            more: [("constants.pkl", PickleWriter.Dump(Array.Empty<object?>())), ("code/__torch__/m.py", [])]);
        using var file = (PyTorchFile)WeightFile.Open(_folder.File("ViT.pt", bytes));
        Assert.Equal(["logit_scale", "visual.proj", "visual.conv1.weight"], file.Tensors.Keys);
        Assert.Equal([1f, 2, 3, 4], file["visual.conv1.weight"].ToFloatArray());
        Assert.Equal("torch.jit.save", file.Metadata["format"]);
        Assert.Equal("__torch__.multimodal.CLIP", Assert.IsType<CheckpointObject>(file.Tree.Root).ClassName);
        Assert.Equal(7L, file.Tree.Find("sizes.1"));
        Assert.Equal("a", file.Tree.Find("names.0"));
    }

    [Fact]
    public void ScriptClassesAreRefusedOutsideScriptArchives() =>
        AssertRefused(_torch.Zip(new PickledObject("__torch__.M", ("w", 1))), "__torch__.M");

    [Fact]
    public void ViewsOfOlderStoragesAreResolved()
    {
        PickledTensor whole = _torch.Floats([0, 1, 2, 3, 4, 5]);
        var root = new OrderedDictionary<string, object?>
        {
            ["whole"] = whole,
            ["part"] = whole with { Shape = [2], View = ("99", 3, 3), Offset = 1 },
        };
        using WeightFile file = WeightFile.Open(_folder.File("old.pth.tar", _torch.Legacy(root)));
        Assert.Equal([4f, 5f], file["part"].ToFloatArray());

        root["part"] = whole with { Shape = [1], View = ("99", 3, 4) };
        AssertRefused(_torch.Legacy(root), "outside its storage");
    }

    [Fact]
    public void StoragesBeyondFourGigabytesAreReached()
    {
        // The first storage is a hole of 4.5 GB in a sparse file; the second begins after it.
        const long hole = 4_500_000_000;
        PickledTensor first = new("0", ScalarType.Byte, 0, [2], [1]);
        PickledTensor second = new("1", ScalarType.Int, 0, [1], [1]);
        byte[] pickle = PickleWriter.Dump(
            new OrderedDictionary<string, object?> { ["a"] = first with { Offset = hole - 2 }, ["b"] = second },
            key => key == "0" ? hole : 1);
        string path = _folder["big.pt"];
        SparseZip.Write(
            path, ("m/data.pkl", pickle, pickle.Length), ("m/data/0", [], hole), ("m/data/1", [42, 0, 0, 0], 4));
        using WeightFile file = WeightFile.Open(path);
        Assert.Equal([0, 0], file["a"].ToIntArray());
        Assert.Equal([42], file["b"].ToIntArray());
    }

    [Fact]
    public void ShardsOfPyTorchFilesAreOneFile()
    {
        byte[] shard = _torch.Zip(new Dictionary<string, object?> { ["w"] = _torch.Floats([3]) });
        _folder.File("pytorch_model-00001-of-00001.bin", shard);
        _folder.File("pytorch_model.bin.index.json", Encoding.UTF8.GetBytes(
            """{"weight_map": {"w": "pytorch_model-00001-of-00001.bin"}}"""));
        using WeightFile file = WeightFile.Open(_folder.Path);
        Assert.Equal([3f], file["w"].ToFloatArray());
    }

    private WeightFile OpenZip(object? root) => WeightFile.Open(_folder.File("a.pt", _torch.Zip(root)));

    private void AssertRefused(byte[] bytes, string message)
    {
        string path = _folder.File("bad.pt", bytes);
        var e = Assert.Throws<WeightFormatException>(() => WeightFile.Open(path));
        Assert.Contains(message, e.Message);
        Assert.StartsWith(path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
