using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlIcm.Tensors.Serialization;

/// <summary>Writes safetensors files that the reference library reads back.</summary>
public static class SafeTensorsWriter
{
    /// <summary>
    /// Writes a file: under a temporary name first, so that no half-written file is ever left at the path.
    /// </summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">
    /// Name, type, shape and contiguous row-major little-endian elements; listed in this order.
    /// </param>
    /// <param name="metadata">Free text to store, or null.</param>
    /// <exception cref="ArgumentException">
    /// A duplicate or reserved name, or data that do not fill the shape.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, ScalarType Type, long[] Shape, ReadOnlyMemory<byte> Data)> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Write(stream, tensors, metadata);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes to a stream, which is left open.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="tensors">
    /// Name, type, shape and contiguous row-major little-endian elements; listed in this order.
    /// </param>
    /// <param name="metadata">Free text to store, or null.</param>
    /// <exception cref="ArgumentException">
    /// A duplicate or reserved name, or data that do not fill the shape.
    /// </exception>
    public static void Write(
        Stream stream,
        IEnumerable<(string Name, ScalarType Type, long[] Shape, ReadOnlyMemory<byte> Data)> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var list = tensors.ToList();
        Check(list);

        // Wide elements first keeps each tensor aligned to its element size without gaps, which the format forbids;
        // the header still lists the tensors as given.
        int[] order = [.. Enumerable.Range(0, list.Count).OrderByDescending(i => list[i].Type.Size())];
        var begins = new long[list.Count];
        long at = 0;
        foreach (int i in order)
        {
            begins[i] = at;
            at += list[i].Data.Length;
        }

        byte[] header = Header(list, begins, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (int i in order) stream.Write(list[i].Data.Span);
    }

    private static void Check(List<(string Name, ScalarType Type, long[] Shape, ReadOnlyMemory<byte> Data)> tensors)
    {
        var names = new HashSet<string>();
        foreach ((string name, ScalarType type, long[] shape, ReadOnlyMemory<byte> data) in tensors)
        {
            if (name == "__metadata__") throw new ArgumentException("a tensor cannot be called '__metadata__'");
            if (!names.Add(name)) throw new ArgumentException($"two tensors are called '{name}'");
            if (ScalarTypes.CountOf(shape) * type.Size() != data.Length)
            {
                throw new ArgumentException(
                    $"tensor '{name}': {data.Length} bytes do not fill {type} [{string.Join(", ", shape)}]");
            }
        }
    }

    private static byte[] Header(
        List<(string Name, ScalarType Type, long[] Shape, ReadOnlyMemory<byte> Data)> tensors, long[] begins,
        IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        using var buffer = new MemoryStream();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            for (int i = 0; i < tensors.Count; i++)
            {
                json.WriteStartObject(tensors[i].Name);
                json.WriteString("dtype", tensors[i].Type.SafeTensorsName());
                json.WriteStartArray("shape");
                foreach (long size in tensors[i].Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begins[i]);
                json.WriteNumberValue(begins[i] + tensors[i].Data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Trailing spaces are part of the format: they align the first tensor to 8 bytes.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
