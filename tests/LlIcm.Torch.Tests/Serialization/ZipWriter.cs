using System.Globalization;
using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>Writes zip archives with stored entries, padded to 64 bytes as PyTorch's writer pads them.</summary>
internal sealed class ZipWriter
{
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _directory = new();
    private int _count;

    /// <summary>Use 64-bit records even where the numbers are small.</summary>
    public bool AlwaysZip64 { get; init; }

    public void Add(string name, byte[] data, ushort method = 0, ushort flags = 0)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        long header = _file.Length;
        long padding = (64 - (header + 30 + utf8.Length + 4) % 64) % 64;
        Write(_file, "PK\u0003\u0004", 45, flags, method, 0, 0, 0, 0, (uint)data.Length, (uint)data.Length);
        Write(_file, "", (ushort)utf8.Length, (ushort)(4 + padding));
        _file.Write(utf8);
        Write(_file, "FB", (ushort)padding);
        _file.Write(new byte[padding]);
        _file.Write(data);

        uint Number(long value) => AlwaysZip64 ? uint.MaxValue : (uint)value;
        Write(_directory, "PK\u0001\u0002", 45, 45, flags, method, 0, 0);
        Write(_directory, "", 0, 0);
        Write(_directory, "", Number(data.Length), Number(data.Length));
        Write(_directory, "", (ushort)utf8.Length, (ushort)(AlwaysZip64 ? 28 : 0), 0, 0, 0, 0, 0);
        Write(_directory, "", Number(header));
        _directory.Write(utf8);
        if (AlwaysZip64)
        {
            Write(_directory, "", 1, 24);
            foreach (long value in (long[])[data.Length, data.Length, header])
                _directory.Write(BitConverter.GetBytes(value));
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
        var entries = (ushort)(AlwaysZip64 ? ushort.MaxValue : _count);
        Write(_file, "PK\u0005\u0006", 0, 0, entries, entries);
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
