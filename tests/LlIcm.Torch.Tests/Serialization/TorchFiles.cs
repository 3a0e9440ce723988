using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LlIcm.Torch.Serialization;

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

    public PickledTensor Floats(float[] values, params long[] shape) =>
        Tensor(ScalarType.Float, [.. values.SelectMany(BitConverter.GetBytes)], shape.Length == 0 ? [values.Length] : shape);

    public byte[] Pickle(object? root) => PickleWriter.Dump(root, Elements);

    public byte[] Zip(object? root, bool zip64 = false, string folder = "archive", params (string, byte[])[] more) =>
        ZipOf(Pickle(root), zip64, folder, more);

    public byte[] ZipOf(byte[] pickle, bool zip64 = false, string folder = "archive", params (string, byte[])[] more)
    {
        var zip = new ZipWriter { AlwaysZip64 = zip64 };
        zip.Add($"{folder}/data.pkl", pickle);
        foreach ((string name, byte[] content) in more) zip.Add($"{folder}/{name}", content);
        foreach ((string key, (byte[] data, _)) in _storages) zip.Add($"{folder}/data/{key}", data);
        zip.Add($"{folder}/version", "3\n"u8.ToArray());
        return zip.Finish();
    }

    public byte[] Legacy(object? root)
    {
        using var file = new MemoryStream();
        BigInteger magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
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

/// <summary>Writes zip archives with stored entries, padded to 64 bytes as PyTorch's writer pads them.</summary>
internal sealed class ZipWriter
{
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _directory = new();
    private int _count;

    /// <summary>Use 64-bit records even where the numbers are small.</summary>
    public bool AlwaysZip64 { get; init; }

    public ushort Method { get; init; }

    public ushort Flags { get; init; }

    public void Add(string name, byte[] data)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        long header = _file.Length;
        long padding = (64 - (header + 30 + utf8.Length + 4) % 64) % 64;
        Write(_file, "PK\u0003\u0004", 45, Flags, Method, 0, 0, 0, 0, (uint)data.Length, (uint)data.Length);
        Write(_file, "", (ushort)utf8.Length, (ushort)(4 + padding));
        _file.Write(utf8);
        Write(_file, "FB", (ushort)padding);
        _file.Write(new byte[padding]);
        _file.Write(data);

        uint Number(long value) => AlwaysZip64 ? uint.MaxValue : (uint)value;
        Write(_directory, "PK\u0001\u0002", 45, 45, Flags, Method, 0, 0);
        Write(_directory, "", 0, 0);
        Write(_directory, "", Number(data.Length), Number(data.Length));
        Write(_directory, "", (ushort)utf8.Length, (ushort)(AlwaysZip64 ? 28 : 0), 0, 0, 0, 0, 0);
        Write(_directory, "", Number(header));
        _directory.Write(utf8);
        if (AlwaysZip64)
        {
            Write(_directory, "", 1, 24);
            foreach (long value in (long[])[data.Length, data.Length, header]) _directory.Write(BitConverter.GetBytes(value));
        }
        _count++;
    }

    public byte[] Finish()
    {
        long at = _file.Length, length = _directory.Length;
        _directory.WriteTo(_file);
        if (AlwaysZip64)
        {
            long end = _file.Length;
            Write(_file, "PK\u0006\u0006");
            _file.Write(BitConverter.GetBytes(44L));
            Write(_file, "", 45, 45);
            Write(_file, "", 0u, 0u);
            foreach (long value in (long[])[_count, _count, length, at]) _file.Write(BitConverter.GetBytes(value));
            Write(_file, "PK\u0006\u0007");
            Write(_file, "", 0u);
            _file.Write(BitConverter.GetBytes(end));
            Write(_file, "", 1u);
        }
        Write(_file, "PK\u0005\u0006", 0, 0, (ushort)(AlwaysZip64 ? 65535 : _count), (ushort)(AlwaysZip64 ? 65535 : _count));
        Write(_file, "", AlwaysZip64 ? uint.MaxValue : (uint)length, AlwaysZip64 ? uint.MaxValue : (uint)at);
        Write(_file, "", (ushort)0);
        return _file.ToArray();
    }

    private static void Write(Stream stream, string signature, params ReadOnlySpan<object> numbers)
    {
        stream.Write(Encoding.Latin1.GetBytes(signature));
        foreach (object number in numbers)
        {
            stream.Write(number switch
            {
                uint wide => BitConverter.GetBytes(wide),
                _ => BitConverter.GetBytes(Convert.ToUInt16(number, CultureInfo.InvariantCulture)),
            });
        }
    }
}
