using System.Runtime.InteropServices;

namespace LlIcm.Imaging.Interop;

/// <summary>GObject's typed value box: a type and 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GValue
{
    public nuint Type;
    public long Data0;
    public long Data1;
}
