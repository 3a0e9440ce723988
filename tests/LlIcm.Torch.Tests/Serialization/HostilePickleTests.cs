using System.Globalization;

namespace LlIcm.Tensors.Serialization;

/// <summary>Files made to harm: each must end in one clear line, soon, and run nothing.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchFiles _torch = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "exec")]
    [InlineData("builtins", "getattr")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch", "load")]
    [InlineData("torch.nn.modules.conv", "Conv2d")]
    [InlineData("argparse", "ArgumentParser")]
    [InlineData("pathlib", "Path.unlink")]
    [InlineData("numpy", "load")]
    [InlineData("functools", "partial")]
    public void EveryOtherNameIsRefusedByThatName(string module, string name)
    {
        var call = new PickledCall(module, name, ["touch /tmp/llicm-was-here"]);
        byte[][] files =
        [
            _torch.Zip(call), _torch.Legacy(call),
            _torch.Zip(new List<object?> { 1, new PickledCall(module, name, null) }),
            _torch.ZipOf([0x80, 4, 0x8c, (byte)module.Length, .. module.Select(c => (byte)c),
                0x8c, (byte)name.Length, .. name.Select(c => (byte)c), 0x93, (byte)'.']),
        ];
        string shown = module == "__builtin__" ? $"builtins.{name}" : $"{module}.{name}";
        foreach (byte[] file in files) AssertRefused(file, $"'{shown}'");
    }

    [Theory]
    [InlineData("(S'x'\nios\nsystem\n.", "0x53")]
    [InlineData("(ios\nsystem\n.", "0x69")]
    [InlineData("(cbuiltins\nset\no.", "0x6f")]
    [InlineData("P1\n.", "0x50")]
    public void InstructionsThatWeightsDoNotNeedAreRefused(string pickle, string message) =>
        AssertRefused(_torch.ZipOf(new PickleWriter().Op(pickle).Finish()), message);

    [Theory]
    [InlineData(".")]
    [InlineData("0.")]
    [InlineData("t.")]
    [InlineData("(.")]
    [InlineData("K")]
    [InlineData("h\u0005.")]
    [InlineData("]K\u0001s.")]
    [InlineData("}(K\u0001u.")]
    [InlineData("}]Ns.")]
    [InlineData("}NNs.")]
    [InlineData("}}Ns.")]
    [InlineData("NK\u0001a.")]
    [InlineData("K\u0001]b.")]
    [InlineData("NNR.")]
    [InlineData("N)R.")]
    [InlineData("ccollections\nOrderedDict\nK\u0001\u0085R.")]
    [InlineData("ccollections\nOrderedDict\n]K\u0001a\u0085R.")]
    [InlineData("NQ.")]
    [InlineData(")Q.")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("T\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("\u0080\u0009N.")]
    [InlineData("Iabc\n.")]
    [InlineData("Fabc\n.")]
    [InlineData("I12")]
    [InlineData("cos")]
    [InlineData("\u0001.")]
    public void DamagedPicklesAreRefused(string pickle) =>
        AssertRefused(_torch.ZipOf(new PickleWriter().Op(pickle).Finish()[..^1]), "");

    public static TheoryData<string, long, long[], long[], long> BadTensors => new()
    {
        { "outside its storage", 0, [5], [1], 4 },
        { "outside its storage", 4, [1], [1], 4 },
        { "outside its storage", 2, [2, 2], [1, 1], 4 },
        { "outside its storage", 0, [2], [long.MaxValue], 4 },
        { "outside its storage", 0, [2, 2], [long.MaxValue, long.MaxValue], 4 },
        { "outside its storage", long.MaxValue, [1], [1], 4 },
        { "outside its storage", -1, [1], [1], 4 },
        { "negative stride", 3, [2], [-1], 4 },
        { "impossible shape", 0, [-1], [1], 4 },
        { "impossible shape", 0, [1L << 32, 1L << 32], [0, 0], 4 },
        { "a storage of 4", 0, [1L << 40], [0], 4 },
        { "sizes and", 0, [1, 1], [1], 4 },
        { "is 16 bytes long", 0, [1], [1], 5 },
        { "storage of", 0, [1], [1], long.MaxValue },
        { "storage of", 0, [1], [1], -4 },
    };

    [Theory]
    [MemberData(nameof(BadTensors))]
    public void TensorsThatDoNotFitTheirStorageAreRefused(
        string message, long offset, long[] shape, long[] strides, long elements)
    {
        PickledTensor tensor = _torch.Floats([1, 2, 3, 4]) with { Offset = offset, Shape = shape, Strides = strides };
        byte[] pickle = PickleWriter.Dump(new Dictionary<string, object?> { ["w"] = tensor }, _ => elements);
        AssertRefused(_torch.ZipOf(pickle), message);
    }

    [Fact]
    public void NestingWithoutEndIsRefused()
    {
        // A list that contains itself.
        AssertRefused(_torch.ZipOf(new PickleWriter().Op("]q\u0000h\u0000a").Finish()), "nested deeper");
        // A hundred thousand lists in one another.
        AssertRefused(_torch.ZipOf(
            new PickleWriter().Op(new string(']', 100_000) + new string('a', 99_999)).Finish()), "nested deeper");
        // The one call that calls again.
        AssertRefused(_torch.ZipOf(Nested(10_000)), "unexpected arguments");

        static byte[] Nested(int depth)
        {
            const string call = "ctorch._tensor\n_rebuild_from_type_v2\n";
            var pickle = new PickleWriter().Op(call);
            for (int i = 0; i < depth; i++) pickle.Op("(" + call + "ctorch\nTensor\n");
            return pickle.Op(")" + string.Concat(Enumerable.Repeat("Nt", depth)) + "R").Finish();
        }
    }

    [Fact]
    public void SharedListsThatUnfoldToBillionsAreRefused()
    {
        // Thirty lists of ten times the one before.
        var pickle = new PickleWriter().Op("]K\u0001aq\u0000");
        for (int level = 1; level <= 30; level++)
        {
            pickle.Op("](");
            for (int i = 0; i < 10; i++) pickle.Raw((byte)'h', (byte)(level - 1));
            pickle.Op("eq").Raw((byte)level);
        }
        AssertRefused(_torch.ZipOf(pickle.Finish()), "holds more than");
    }

    [Fact]
    public void CopiesWithoutEndAreRefused()
    {
        // One list of 100 000, copied as often as the file is long.
        var pickle = new PickleWriter().Op("](" + new string('N', 100_000) + "eq\u0000cbuiltins\nlist\nq\u0001](");
        for (int i = 0; i < 100_000; i++) pickle.Op("h\u0001h\u0000").Raw(0x85).Op("R");
        AssertRefused(_torch.ZipOf(pickle.Op("e").Finish()), "longer than any checkpoint");
    }

    [Fact]
    public void DamagedArchivesAreRefused()
    {
        byte[] good = _torch.Zip(new Dictionary<string, object?> { ["w"] = _torch.Floats([1, 2]) });
        for (int length = 0; length < good.Length; length++) AssertRefused(good[..length], "");

        var compressed = new ZipWriter();
        compressed.Add("a/data.pkl", PickleWriter.Dump(null), method: 8);
        AssertRefused(compressed.Finish(), "compressed");
        var encrypted = new ZipWriter();
        encrypted.Add("a/data.pkl", PickleWriter.Dump(null), flags: 1);
        AssertRefused(encrypted.Finish(), "encrypted");
        var twice = new ZipWriter();
        twice.Add("a/data.pkl", PickleWriter.Dump(null));
        twice.Add("a/data.pkl", PickleWriter.Dump(1));
        AssertRefused(twice.Finish(), "twice");
        var other = new ZipWriter();
        other.Add("word/document.xml", [1]);
        AssertRefused(other.Finish(), "no data.pkl");
        AssertRefused(_torch.Zip(1, more: ("byteorder", "big"u8.ToArray())), "big-endian");
        AssertRefused(_torch.ZipOf(PickleWriter.Dump(
            new PickledTensor("77", ScalarType.Float, 0, [1], [1]), _ => 1)), "data/77");
    }

    [Fact]
    public void DamagedOlderFilesAreRefused()
    {
        byte[] good = _torch.Legacy(new Dictionary<string, object?> { ["w"] = _torch.Floats([1, 2]) });
        for (int length = 0; length < good.Length; length++) AssertRefused(good[..length], "");
        AssertRefused(PickleWriter.Dump(new Dictionary<string, object?> { ["w"] = 1 }), "torch.save has not written");
    }

    [Fact]
    public void FlippedBytesAreRefusedOrHarmless()
    {
        var root = new OrderedDictionary<string, object?>
        {
            ["state_dict"] = new OrderedDictionary<string, object?>
            {
                ["a"] = _torch.Floats([1, 2, 3, 4], 2, 2),
                ["b"] = _torch.Tensor(ScalarType.Long, new byte[8]) with { IsParameter = true },
            },
            ["epoch"] = new object?[] { 3, 1.5, "text", true, 1L << 40 },
        };
        var random = new Random(7);
        foreach (byte[] good in (byte[][])[_torch.Zip(root), _torch.Zip(root, zip64: true), _torch.Legacy(root)])
        {
            for (int round = 0; round < 400; round++)
            {
                byte[] bad = [.. good];
                for (int flips = random.Next(1, 4); flips > 0; flips--)
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                string path = _folder.File(round.ToString(CultureInfo.InvariantCulture), bad);
                try
                {
                    using WeightFile file = WeightFile.Open(path);
                    foreach (StoredTensor tensor in file.Tensors.Values) tensor.ToFloatArray();
                }
                catch (WeightFormatException)
                {
                }
                File.Delete(path);
            }
        }
    }

    private void AssertRefused(byte[] bytes, string message)
    {
        string path = _folder.File("bad.pt", bytes);
        var e = Assert.Throws<WeightFormatException>(() => WeightFile.Open(path));
        Assert.Contains(message, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
