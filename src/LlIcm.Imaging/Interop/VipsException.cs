namespace LlIcm.Imaging.Interop;

/// <summary>A libvips operation failed; the message is libvips' own first line. Never leaves this assembly.</summary>
internal sealed class VipsException(string operation, string detail) : Exception(detail)
{
    public string Operation { get; } = operation;
}
