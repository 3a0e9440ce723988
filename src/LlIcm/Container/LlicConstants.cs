namespace LlIcm.Container;

/// <summary>Numbers of the format.</summary>
internal static class LlicConstants
{
    public const int FormatVersion = 1;

    // Low half of the byte after the magic; the version is its high half.
    public const int GreyFlag = 1;
    public const int AlphaFlag = 2;
    public const int TaskFlag = 4;
    public const int KnownFlags = GreyFlag | AlphaFlag | TaskFlag;

    /// <summary>Set in the type byte of the last segment.</summary>
    public const byte LastSegmentBit = 0x80;

    public static ReadOnlySpan<byte> Magic => "LLIC"u8;
}
