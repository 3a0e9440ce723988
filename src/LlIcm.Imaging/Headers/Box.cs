namespace LlIcm.Imaging;

/// <summary>A box of an ISO base media file (ISO/IEC 14496-12): where its content lies.</summary>
/// <param name="Type">Four characters.</param>
/// <param name="Start">The content's first byte in the file.</param>
/// <param name="Length">The content's length in bytes.</param>
internal readonly record struct Box(string Type, int Start, int Length)
{
    public ReadOnlySpan<byte> Content(ReadOnlySpan<byte> file) => file.Slice(Start, Length);
}
