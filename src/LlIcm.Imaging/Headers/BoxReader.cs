using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging;

/// <summary>Walks through the boxes that lie next to each other in a part of a file, as far as they fit into it.</summary>
/// <remarks>Positions are those in the whole file. Lengths come from the file: none is trusted.</remarks>
internal ref struct BoxReader
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly int _end;
    private int _at;

    public BoxReader(ReadOnlySpan<byte> file) : this(file, 0, file.Length)
    {
    }

    public BoxReader(ReadOnlySpan<byte> file, int start, int length)
    {
        _file = file;
        _at = start;
        _end = start + length;
    }

    public Box Current { get; private set; }

    public readonly BoxReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_end - _at < 8) return false;
        long size = BinaryPrimitives.ReadUInt32BigEndian(_file[_at..]);
        string type = Encoding.Latin1.GetString(_file.Slice(_at + 4, 4));
        int head = 8;
        if (size == 1)
        {
            if (_end - _at < 16) return false;
            size = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(_file[(_at + 8)..]), long.MaxValue);
            head = 16;
        }
        else if (size == 0)
        {
            // To the end.
            size = _end - _at;
        }
        if (size < head || size > _end - _at) return false;
        Current = new Box(type, _at + head, (int)size - head);
        _at += (int)size;
        return true;
    }
}
