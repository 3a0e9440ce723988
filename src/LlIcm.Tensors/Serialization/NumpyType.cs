using System.Buffers.Binary;

namespace LlIcm.Tensors.Serialization;

/// <summary>A NumPy element type: training scripts often save a best loss or an epoch as a NumPy scalar.</summary>
/// <param name="code">Kind and size in bytes, such as <c>f8</c>.</param>
internal sealed class NumpyType(string code)
{
    /// <summary>Whether numbers are stored with their most significant byte first.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>The number stored; a <see cref="ForeignObject"/> for other kinds than booleans, integers and floats.</summary>
    public object Read(byte[] stored)
    {
        byte[] bytes = IsBigEndian ? [.. stored.Reverse()] : stored;
        return (code.TrimStart('<', '|', '=', '>'), bytes.Length) switch
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
            _ => new ForeignObject("numpy.generic"),
        };
    }
}
