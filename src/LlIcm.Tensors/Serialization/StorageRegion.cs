namespace LlIcm.Tensors.Serialization;

/// <summary>
/// The bytes that one or several tensors view. In PyTorch's older format their position is known only after the
/// tensors have been described, so it can be filled in later.
/// </summary>
/// <param name="type">Element type, or null for raw bytes.</param>
/// <param name="length">Length in bytes.</param>
internal sealed class StorageRegion(ScalarType? type, long length)
{
    private ByteSource? _source;
    private long _offset;

    public ScalarType? Type { get; } = type;

    public long Length { get; } = length;

    /// <summary>Whether the position is known.</summary>
    public bool IsPlaced => _source is not null;

    /// <exception cref="WeightFormatException">The file ends before the region does.</exception>
    public StorageRegion Place(ByteSource source, long offset)
    {
        if (!source.Contains(offset, Length))
        {
            throw new WeightFormatException(
                $"truncated: {Length} bytes at {offset} of a file of {source.Length} bytes");
        }
        (_source, _offset) = (source, offset);
        return this;
    }

    /// <summary>Places this region inside another one that has been placed.</summary>
    public void PlaceIn(StorageRegion root, long offset)
    {
        if (offset < 0 || offset > root.Length || Length > root.Length - offset || !root.IsPlaced)
            throw new WeightFormatException("a storage view lies outside its storage");
        (_source, _offset) = (root._source, root._offset + offset);
    }

    /// <summary>See <see cref="ByteSource.Pin"/>.</summary>
    public FileMemory? Pin(long offset, long length) => _source?.Pin(_offset + offset, length);

    /// <summary>Lets go of what is mapped of the region.</summary>
    public void Forget() => _source?.Forget(_offset, Length);

    public ReadOnlySpan<byte> Slice(long offset, int length) => _source!.Slice(_offset + offset, length);
}
