namespace LlIcm.Imaging.Interop;

/// <summary>A window into an image, through which one thread has its pixels computed.</summary>
internal sealed class VipsRegion : GObjectHandle
{
}
