using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using LlIcm.TestSupport;
using Entry = (string Name, LlIcm.Tensors.ScalarType Type, long[] Shape, System.ReadOnlyMemory<byte> Data);

namespace LlIcm.Tensors.Serialization;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryTypeSurvivesARoundTrip()
    {
        Entry[] entries =
        [
            ("bytes", ScalarType.Byte, [3], Bytes<byte>(0, 7, 255)),
            ("chars", ScalarType.Char, [3], Bytes<sbyte>(-128, 0, 127)),
            ("flags", ScalarType.Bool, [2, 1], new byte[] { 0, 1 }),
            ("shorts", ScalarType.Short, [2], Bytes<short>(-32768, 5)),
            ("ints", ScalarType.Int, [2], Bytes(int.MinValue, 6)),
            ("longs", ScalarType.Long, [2], Bytes(-5L, 7L)),
            ("halves", ScalarType.Half, [2], Bytes((Half)0.5f, (Half)(-65504f))),
            ("brains", ScalarType.BFloat16, [2], Bytes<ushort>(0x3FC0, 0xC2F7)),
            ("floats", ScalarType.Float, [1, 2], Bytes(1.25f, float.NegativeInfinity)),
            ("doubles", ScalarType.Double, [2], Bytes(Math.PI, -1.0)),
            ("scalar", ScalarType.Float, [], Bytes(42f)),
            ("nothing", ScalarType.Float, [0, 4], ReadOnlyMemory<byte>.Empty),
        ];
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(path, entries, new Dictionary<string, string> { ["título"] = "\"quoted\" \n" });

        using WeightFile file = WeightFile.Open(path);
        Assert.Equal(entries.Select(e => e.Name), file.Tensors.Keys);
        Assert.Equal("\"quoted\" \n", file.Metadata["título"]);
        foreach ((string name, ScalarType type, long[] shape, ReadOnlyMemory<byte> data) in entries)
        {
            Assert.Equal(name, file[name].Name);
            Assert.Equal(type, file[name].Type);
            Assert.Equal(shape, file[name].Shape);
            Assert.Equal(data.ToArray(), file[name].Data.ToArray());
        }
        Assert.Equal([0f, 7f, 255f], file["bytes"].ToFloatArray());
        Assert.Equal([-128, 0, 127], file["chars"].ToIntArray());
        Assert.Equal([0, 1], file["flags"].ToIntArray());
        Assert.Equal([-32768L, 5L], file["shorts"].ToLongArray());
        Assert.Equal([0.5f, -65504f], file["halves"].ToFloatArray());
        Assert.Equal([1.5f, -123.5f], file["brains"].ToFloatArray());
        Assert.Equal([(float)Math.PI, -1f], file["doubles"].ToFloatArray());
        Assert.Equal([42f], file["scalar"].ToFloatArray());
        Assert.Empty(file["nothing"].ToFloatArray());
        Assert.Throws<InvalidOperationException>(() => file["floats"].ToLongArray());
        Assert.Throws<KeyNotFoundException>(() => file["absent"]);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    // 80 hexadecimal is how a pickle starts; every 32nd header has that length in its first byte.
    [Fact]
    public void AHeaderWhoseLengthLooksLikeAPickleIsReadAsWhatItIs()
    {
        string path = _folder["a.safetensors"];
        for (int pad = 0; pad < 128; pad++)
        {
            SafeTensorsWriter.Write(
                path, [("x", ScalarType.Float, [2], Bytes(1f, 2f))],
                new Dictionary<string, string> { ["pad"] = new string('.', pad) });
            if (File.ReadAllBytes(path)[0] != 0x80) continue;
            using WeightFile file = WeightFile.Open(path);
            Assert.Equal([1f, 2f], file["x"].ToFloatArray());
            return;
        }
        Assert.Fail("no header of 128 bytes");
    }

    [Fact]
    public void TensorsAreAlignedToTheirElements()
    {
        using var stream = new MemoryStream();
        SafeTensorsWriter.Write(stream,
        [
            ("a", ScalarType.Byte, [1], new byte[1]), ("b", ScalarType.Double, [1], new byte[8]),
            ("c", ScalarType.Half, [3], new byte[6]), ("d", ScalarType.Float, [1], new byte[4]),
        ]);
        byte[] bytes = stream.ToArray();
        int start = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, start % 8);
        string header = Encoding.UTF8.GetString(bytes, 8, start - 8);
        Assert.Contains("\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}", header);
        Assert.Contains("\"d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}", header);
        Assert.Contains("\"c\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[12,18]}", header);
        Assert.Contains("\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[18,19]}", header);
        Assert.Equal(["a", "b", "c", "d"], SafeTensorsFile.Open(bytes).Tensors.Keys);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "takes bytes 0..8 of 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "no integer")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "takes bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "takes bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to no tensor")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""",
        8, "overlaps")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""",
        8, "not valid JSON")]
    [InlineData("""{"a":7}""", 0, "JSON object")]
    [InlineData("""{"__metadata__":{"x":1}}""", 0, "not a string")]
    [InlineData("""{"a":{"dtype":"F32" """, 0, "not valid JSON")]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":{}}}}}}}}}}""", 0, "not valid JSON")]
    public void DamagedHeadersAreRefused(string header, int dataLength, string message)
    {
        var e = Assert.Throws<WeightFormatException>(() => SafeTensorsFile.Open(FileOf(header, dataLength)));
        Assert.Contains(message, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void ImpossibleHeaderLengthsAreRefused()
    {
        byte[] bytes = FileOf("{}", 0);
        foreach (ulong length in (ulong[])[3, 1000, 200_000_000, ulong.MaxValue, 1UL << 63])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            Assert.Throws<WeightFormatException>(() => SafeTensorsFile.Open(bytes));
        }
        for (int length = 0; length < 8; length++)
            Assert.Throws<WeightFormatException>(() => SafeTensorsFile.Open(bytes.AsMemory(0, length)));
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        using var stream = new MemoryStream();
        SafeTensorsWriter.Write(
            stream, [("a", ScalarType.Int, [2], Bytes(1, 2)), ("b", ScalarType.Byte, [1], new byte[1])]);
        byte[] bytes = stream.ToArray();
        SafeTensorsFile.Open(bytes).Dispose();
        for (int length = 0; length < bytes.Length; length++)
        {
            string path = _folder.File("cut", bytes[..length]);
            Assert.Throws<WeightFormatException>(() => WeightFile.Open(path));
        }
        Assert.Throws<WeightFormatException>(() => SafeTensorsFile.Open((byte[])[.. bytes, 0]));
    }

    [Fact]
    public void ClosedFilesGiveNoData()
    {
        string path = _folder["a.safetensors"];
        SafeTensorsWriter.Write(path, [("a", ScalarType.Int, [2], Bytes(1, 2))]);
        WeightFile file = WeightFile.Open(path);
        StoredTensor tensor = file["a"];
        Assert.Equal([1, 2], tensor.ToIntArray());
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToIntArray());
    }

    [Fact]
    public void NothingIsLeftOfAFileThatCannotBeWritten()
    {
        string path = _folder["a.safetensors"];
        Entry good = ("a", ScalarType.Int, [2], Bytes(1, 2));
        SafeTensorsWriter.Write(path, [good]);
        byte[] before = File.ReadAllBytes(path);
        Entry[][] bad =
        [
            [good, good], [("__metadata__", ScalarType.Int, [2], Bytes(1, 2))],
            [("x", ScalarType.Int, [3], Bytes(1, 2))], [("x", ScalarType.Int, [-1], Bytes(1, 2))],
        ];
        foreach (Entry[] entries in bad) Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(path, entries));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void ShardsAreOneFile()
    {
        SafeTensorsWriter.Write(_folder["part-1.safetensors"], [("a", ScalarType.Int, [1], Bytes(1))]);
        SafeTensorsWriter.Write(
            _folder["part-2.safetensors"],
            [("b", ScalarType.Int, [1], Bytes(2)), ("c", ScalarType.Int, [1], Bytes(3))]);
        string index = _folder.File("model.safetensors.index.json", Encoding.UTF8.GetBytes(
            """
            {"metadata": {"total_size": 12},
             "weight_map": {"c": "part-2.safetensors", "a": "part-1.safetensors", "b": "part-2.safetensors"}}
            """));
        foreach (string path in (string[])[index, _folder.Path])
        {
            using WeightFile file = WeightFile.Open(path);
            Assert.Equal(["c", "a", "b"], file.Tensors.Keys);
            Assert.Equal([3, 1, 2], file.Tensors.Values.Select(t => t.ToIntArray().Single()));
            Assert.Equal("12", file.Metadata["total_size"]);
        }
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "../part.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "/etc/passwd"}}""")]
    [InlineData("""{"weight_map": {"a": ".."}}""")]
    [InlineData("""{"weight_map": {"a": ""}}""")]
    [InlineData("""{"weight_map": {"a": 3}}""")]
    [InlineData("""{"weight_map": {"absent": "part.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "model.json"}}""")]
    [InlineData("""{"weight_map": []}""")]
    [InlineData("""{"weights": {}}""")]
    [InlineData("""{"weight_map": {""")]
    public void DamagedIndicesAreRefused(string json)
    {
        SafeTensorsWriter.Write(_folder["part.safetensors"], [("a", ScalarType.Int, [1], Bytes(1))]);
        string index = _folder.File("model.json", Encoding.UTF8.GetBytes(json));
        Assert.Throws<WeightFormatException>(() => WeightFile.Open(index));
    }

    [Fact]
    public void AMissingFileOrShardIsSaidToBeMissing()
    {
        Assert.Throws<FileNotFoundException>(() => WeightFile.Open(_folder["absent.safetensors"]));
        Assert.Throws<FileNotFoundException>(() => WeightFile.Open(_folder.Path));
        string index = _folder.File("m.json", Encoding.UTF8.GetBytes("""{"weight_map": {"a": "absent.bin"}}"""));
        Assert.Contains("absent.bin", Assert.Throws<FileNotFoundException>(() => WeightFile.Open(index)).Message);
    }

    [Fact]
    public void OtherFilesAreRefused()
    {
        string path = _folder.File("picture.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13]);
        Assert.Throws<WeightFormatException>(() => WeightFile.Open(path));
    }

    [FixtureFact("restore")]
    [Trait("Category", "parity")]
    public void ReferenceFilesSurviveARewrite()
    {
        string[] paths = Directory.GetFiles(Fixtures.Path("restore")!, "*.safetensors");
        Assert.NotEmpty(paths);
        foreach (string path in paths)
        {
            using SafeTensorsFile reference = SafeTensorsFile.Open(path);
            using var stream = new MemoryStream();
            SafeTensorsWriter.Write(
                stream,
                reference.Tensors.Values.Select(t => (t.Name, t.Type, t.Shape, (ReadOnlyMemory<byte>)t.Data.ToArray())),
                reference.Metadata);
            using SafeTensorsFile copy = SafeTensorsFile.Open(stream.ToArray());
            Assert.Equal(reference.Metadata, copy.Metadata);
            Assert.Equal(reference.Tensors.Keys, copy.Tensors.Keys);
            foreach (StoredTensor tensor in reference.Tensors.Values)
            {
                Assert.Equal(tensor.ToString(), copy[tensor.Name].ToString());
                Assert.True(tensor.Data.SequenceEqual(copy[tensor.Name].Data));
            }
        }
    }

    private static byte[] Bytes<T>(params T[] values) where T : unmanaged =>
        MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static byte[] FileOf(string header, int dataLength)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
