namespace LlIcm.Tensors.Serialization;

/// <summary>Bytes already in memory, for example an embedded resource.</summary>
internal sealed class ArrayByteSource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    private bool _disposed;

    public override long Length => bytes.Length;

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(WeightFile));
        Check(offset, length);
        return bytes.Span.Slice((int)offset, length);
    }

    public override void Dispose() => _disposed = true;
}
