using System.Runtime.InteropServices;

namespace LlIcm.Imaging.Interop;

/// <summary>One reference to a GObject, given back when the handle is disposed or finalised.</summary>
internal abstract class GObjectHandle : SafeHandle
{
    protected GObjectHandle() : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Vips.g_object_unref(handle);
        return true;
    }
}
