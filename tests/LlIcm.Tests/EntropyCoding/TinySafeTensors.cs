using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LlIcm.Tests.EntropyCoding;

/// <summary>Just enough of a safetensors reader for the coder's fixtures.</summary>
internal sealed class TinySafeTensors
{
    private readonly byte[] _file;
    private readonly int _data;
    private readonly JsonElement _header;

    public TinySafeTensors(string path)
    {
        _file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(_file);
        _data = 8 + length;
        _header = JsonDocument.Parse(_file.AsMemory(8, length)).RootElement;
    }

    public byte[] Bytes(string name)
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        return _file[(_data + offsets[0].GetInt32())..(_data + offsets[1].GetInt32())];
    }

    public int[] Ints(string name) => MemoryMarshal.Cast<byte, int>(Bytes(name)).ToArray();

    public int[] Shape(string name) =>
        [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())];
}
