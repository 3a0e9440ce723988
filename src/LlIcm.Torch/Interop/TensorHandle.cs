using Microsoft.Win32.SafeHandles;

namespace LlIcm.Torch.Interop;

/// <summary>
/// Owns one native tensor. A safe handle rather than a raw pointer, so that a tensor can't be freed while a call uses it.
/// </summary>
internal sealed class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    // The collector sees a few dozen bytes where libtorch holds megabytes: it is told of large tensors only, since telling
    // costs more than a small tensor is worth.
    private const long PressureThreshold = 1 << 20;

    private readonly long _pressure;

    public TensorHandle(nint pointer) : base(ownsHandle: true)
    {
        SetHandle(pointer);
        Interlocked.Increment(ref s_live);
        long bytes = NativeMethods.llt_storage_bytes(this);
        if (bytes < PressureThreshold) return;
        _pressure = bytes;
        GC.AddMemoryPressure(bytes);
    }

    private static long s_live;

    /// <summary>Handles made and not yet released.</summary>
    public static long Live => Interlocked.Read(ref s_live);

    protected override bool ReleaseHandle()
    {
        NativeMethods.llt_free(handle);
        Interlocked.Decrement(ref s_live);
        if (_pressure > 0) GC.RemoveMemoryPressure(_pressure);
        return true;
    }
}
