using System.Globalization;

namespace LlIcm.Training.Bundles;

/// <summary>Writes a stream as one file, or as parts NAME.000, NAME.001 … of a limited length; they appear once all are complete.</summary>
internal sealed class SplitStream : Stream
{
    private readonly string _path;
    private readonly long _partLength;
    private readonly List<(string Temporary, string Final)> _parts = [];
    private FileStream? _current;
    private bool _complete;

    /// <summary>Opens the first part.</summary>
    /// <param name="path">The file, or what the parts' names start with.</param>
    /// <param name="partLength">Most bytes of a part; 0 for one file.</param>
    public SplitStream(string path, long partLength)
    {
        (_path, _partLength) = (path, partLength);
        Next();
    }

    /// <summary>The files, once they are complete.</summary>
    public IReadOnlyList<string> Files => [.. _parts.Select(part => part.Final)];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Says that everything was written: without it disposing removes the files.</summary>
    public void Complete() => _complete = true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_partLength > 0 && _current!.Position == _partLength) Next();
            int count = _partLength > 0 ? (int)Math.Min(buffer.Length, _partLength - _current!.Position) : buffer.Length;
            _current!.Write(buffer[..count]);
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => _current?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _current?.Dispose();
        _current = null;
        foreach ((string temporary, string final) in _parts)
        {
            if (_complete) File.Move(temporary, final, overwrite: true);
            else File.Delete(temporary);
        }
        base.Dispose(disposing);
    }

    private void Next()
    {
        _current?.Dispose();
        string final = _partLength > 0 ? string.Create(CultureInfo.InvariantCulture, $"{_path}.{_parts.Count:000}") : _path;
        string temporary = $"{final}.{Guid.NewGuid():N}.tmp";
        _parts.Add((temporary, final));
        _current = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
    }
}
