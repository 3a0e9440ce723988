using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace LlIcm.Tensors.Serialization;

/// <summary>Makes files laid out like those of torch.save and torch.jit.save.</summary>
internal sealed class TorchFiles
{
    private readonly OrderedDictionary<string, (byte[] Data, ScalarType Type)> _storages = [];

    /// <summary>Adds a storage and returns a contiguous tensor over all of it.</summary>
    public PickledTensor Tensor(ScalarType type, byte[] data, params long[] shape)
    {
        string key = _storages.Count.ToString(CultureInfo.InvariantCulture);
        _storages.Add(key, (data, type));
        var strides = new long[shape.Length];
        for (long d = shape.Length - 1, step = 1; d >= 0; step *= shape[d--]) strides[d] = step;
        return new PickledTensor(key, type, 0, shape, strides);
    }

    public PickledTensor Floats(float[] values, params long[] shape)
    {
        byte[] data = [.. values.SelectMany(BitConverter.GetBytes)];
        return Tensor(ScalarType.Float, data, shape.Length == 0 ? [values.Length] : shape);
    }

    public byte[] Pickle(object? root) => PickleWriter.Dump(root, Elements);

    public byte[] Zip(object? root, bool zip64 = false, string folder = "archive", params (string, byte[])[] more) =>
        ZipOf(Pickle(root), zip64, folder, more);

    public byte[] ZipOf(byte[] pickle, bool zip64 = false, string folder = "archive", params (string, byte[])[] more)
    {
        var zip = new ZipWriter { AlwaysZip64 = zip64 };
        zip.Add($"{folder}/data.pkl", pickle);
        // TorchScript compresses its code, which nobody has to read.
        foreach ((string name, byte[] content) in more)
        {
            bool code = name.StartsWith("code/", StringComparison.Ordinal);
            zip.Add($"{folder}/{name}", content, method: (ushort)(code ? 8 : 0));
        }
        foreach ((string key, (byte[] data, _)) in _storages) zip.Add($"{folder}/data/{key}", data);
        zip.Add($"{folder}/version", "3\n"u8.ToArray());
        return zip.Finish();
    }

    public byte[] Legacy(object? root)
    {
        using var file = new MemoryStream();
        BigInteger magic = BigInteger.Parse(
            "1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        file.Write(PickleWriter.Dump(magic));
        file.Write(PickleWriter.Dump(1001));
        file.Write(PickleWriter.Dump(new Dictionary<string, object?>
        {
            ["protocol_version"] = 1001,
            ["little_endian"] = true,
            ["type_sizes"] = new Dictionary<string, object?> { ["short"] = 2, ["int"] = 4, ["long"] = 4 },
        }));
        file.Write(Pickle(root));
        // torch.save sorts the storages by key, not by use.
        string[] keys = [.. _storages.Keys.Reverse()];
        file.Write(PickleWriter.Dump(keys.ToList()));
        var length = new byte[8];
        foreach (string key in keys)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, Elements(key));
            file.Write(length);
            file.Write(_storages[key].Data);
        }
        return file.ToArray();
    }

    private long Elements(string key) =>
        _storages.TryGetValue(key, out (byte[] Data, ScalarType Type) s) ? s.Data.Length / s.Type.Size() : 0;
}
