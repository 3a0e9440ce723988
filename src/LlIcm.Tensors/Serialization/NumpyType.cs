using System.Buffers.Binary;

namespace LlIcm.Torch.Serialization;

/// <summary>A NumPy element type: training scripts often save a best loss or an epoch as a NumPy scalar.</summary>
/// <param name="code">Kind and size in bytes, such as <c>f8</c>.</param>
internal sealed class NumpyType(string code)
{
    /// <summary>The number stored in little-endian bytes.</summary>
    /// <exception cref="WeightFormatException">
    /// A kind other than booleans, integers and floats, or another size.
    /// </exception>
    public object Read(byte[] bytes) => (code.TrimStart('<', '|', '='), bytes.Length) switch
    {
        ("b1", 1) => bytes[0] != 0,
        ("i1", 1) => (long)(sbyte)bytes[0],
        ("u1", 1) => (long)bytes[0],
        ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
        ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => throw PickleGlobals.Damaged("a NumPy scalar that is no plain number"),
    };
}
