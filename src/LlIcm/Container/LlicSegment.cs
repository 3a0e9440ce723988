namespace LlIcm.Container;

/// <summary>A segment as it lies in the file.</summary>
/// <param name="Type">What it holds; may be a value without a name where the optional bit 0x40 is set.</param>
/// <param name="Payload">Its bytes, without type, length and checksum.</param>
public sealed record LlicSegment(SegmentType Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The bit of <see cref="Type"/> that allows a reader to skip the segment.</summary>
    internal const byte OptionalBit = 0x40;

    /// <summary>Whether a reader that does not know the type may skip the segment.</summary>
    public bool IsOptional => ((byte)Type & OptionalBit) != 0;
}
