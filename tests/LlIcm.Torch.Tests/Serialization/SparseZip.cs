using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>Writes an archive above 4 GB without writing its bytes: the large entries are holes.</summary>
internal static class SparseZip
{
    public static void Write(string path, params (string Name, byte[] Data, long Length)[] entries)
    {
        using FileStream stream = File.Create(path);
        using var writer = new BinaryWriter(stream);
        var directory = new List<(string Name, long Length, long Header)>();
        foreach ((string name, byte[] data, long length) in entries)
        {
            directory.Add((name, length, stream.Position));
            writer.Write("PK\u0003\u0004"u8);
            writer.Write(new byte[22]);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)0);
            writer.Write(Encoding.ASCII.GetBytes(name));
            long start = stream.Position;
            writer.Write(data);
            writer.Flush();
            stream.Position = start + length;
        }
        long at = stream.Position;
        foreach ((string name, long length, long header) in directory)
        {
            writer.Write("PK\u0001\u0002"u8);
            writer.Write(new byte[16]);
            writer.Write(uint.MaxValue);
            writer.Write(uint.MaxValue);
            writer.Write((ushort)name.Length);
            writer.Write((ushort)28);
            writer.Write(new byte[10]);
            writer.Write(uint.MaxValue);
            writer.Write(Encoding.ASCII.GetBytes(name));
            writer.Write((ushort)1);
            writer.Write((ushort)24);
            writer.Write(length);
            writer.Write(length);
            writer.Write(header);
        }
        long end = stream.Position;
        writer.Write("PK\u0006\u0006"u8);
        writer.Write(44L);
        writer.Write(new byte[12]);
        writer.Write((long)directory.Count);
        writer.Write((long)directory.Count);
        writer.Write(end - at);
        writer.Write(at);
        writer.Write("PK\u0006\u0007"u8);
        writer.Write(0);
        writer.Write(end);
        writer.Write(1);
        writer.Write("PK\u0005\u0006"u8);
        writer.Write(new byte[4]);
        writer.Write(ushort.MaxValue);
        writer.Write(ushort.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)0);
    }
}
