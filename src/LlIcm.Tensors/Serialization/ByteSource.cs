namespace LlIcm.Tensors.Serialization;

/// <summary>Random access to the bytes of a file (mapped) or of an array.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>The bytes [<paramref name="offset"/>, offset + length); valid until this source is disposed.</summary>
    public abstract ReadOnlySpan<byte> Slice(long offset, int length);

    /// <summary>Lets go of memory that holds these bytes; they can still be read.</summary>
    public virtual void Forget(long offset, long length)
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Bytes of a file that stay where they are until the lease is disposed, also after the source is; null where they may move.</summary>
    public virtual FileMemory? Pin(long offset, long length) => null;

    /// <summary>Whether [offset, offset + length) lies inside, without overflow for any arguments.</summary>
    public bool Contains(long offset, long length) =>
        offset >= 0 && length >= 0 && offset <= Length && length <= Length - offset;

    protected void Check(long offset, int length)
    {
        if (!Contains(offset, length))
            throw new WeightFormatException($"bytes {offset}..{offset + length} lie outside the file ({Length} bytes)");
    }
}
