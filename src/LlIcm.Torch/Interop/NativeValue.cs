using System.Runtime.InteropServices;
using LlIcm.Tensors;

namespace LlIcm.Torch.Interop;

/// <summary>One argument or result as the bridge sees it (<c>llt_value</c> in native/bridge.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct NativeValue
{
    [FieldOffset(0)] public ArgumentKind Tag;
    [FieldOffset(4)] public int Length;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Double;
    [FieldOffset(8)] public void* Pointer;
}
