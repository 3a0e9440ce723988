namespace LlIcm.Tensors;

/// <summary>Element types of tensors; the values are libtorch's <c>c10::ScalarType</c> codes.</summary>
public enum ScalarType
{
    /// <summary>Unsigned 8-bit integer.</summary>
    Byte = 0,

    /// <summary>Signed 8-bit integer.</summary>
    Char = 1,

    /// <summary>Signed 16-bit integer.</summary>
    Short = 2,

    /// <summary>Signed 32-bit integer.</summary>
    Int = 3,

    /// <summary>Signed 64-bit integer.</summary>
    Long = 4,

    /// <summary>IEEE half precision.</summary>
    Half = 5,

    /// <summary>IEEE single precision.</summary>
    Float = 6,

    /// <summary>IEEE double precision.</summary>
    Double = 7,

    /// <summary>Boolean, one byte an element.</summary>
    Bool = 11,

    /// <summary>Brain floating point: the upper half of a single.</summary>
    BFloat16 = 15,
}
