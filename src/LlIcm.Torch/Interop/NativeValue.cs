using System.Runtime.InteropServices;

namespace LlIcm.Torch.Interop;

/// <summary>One argument or result as the bridge sees it (<c>llt_value</c> in native/bridge.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct NativeValue
{
    [FieldOffset(0)] public NativeTag Tag;
    [FieldOffset(4)] public int Length;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Double;
    [FieldOffset(8)] public void* Pointer;
}

/// <summary>What a <see cref="NativeValue"/> holds; the numbers are <c>llt_tag</c>'s.</summary>
internal enum NativeTag
{
    None = 0,
    Tensor = 1,
    Integer = 2,
    Double = 3,
    Bool = 4,
    IntegerList = 5,
    DoubleList = 6,
    TensorList = 7,
    String = 8,
    Device = 9,
    Default = 10,
}
