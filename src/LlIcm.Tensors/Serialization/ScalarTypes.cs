namespace LlIcm.Tensors.Serialization;

/// <summary>What the file formats call the element types, and how wide these are.</summary>
internal static class ScalarTypes
{
    /// <summary>Bytes an element takes.</summary>
    public static int Size(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Char or ScalarType.Bool => 1,
        ScalarType.Short or ScalarType.Half or ScalarType.BFloat16 => 2,
        ScalarType.Int or ScalarType.Float => 4,
        ScalarType.Long or ScalarType.Double => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    /// <summary>The name in a safetensors header.</summary>
    public static string SafeTensorsName(this ScalarType type) => type switch
    {
        ScalarType.Byte => "U8",
        ScalarType.Char => "I8",
        ScalarType.Bool => "BOOL",
        ScalarType.Short => "I16",
        ScalarType.Int => "I32",
        ScalarType.Long => "I64",
        ScalarType.Half => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Float => "F32",
        ScalarType.Double => "F64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    /// <summary>The type of a safetensors name, or null for one that libtorch has no ordinary type for.</summary>
    public static ScalarType? FromSafeTensors(string? name) => name switch
    {
        "U8" => ScalarType.Byte,
        "I8" => ScalarType.Char,
        "BOOL" => ScalarType.Bool,
        "I16" => ScalarType.Short,
        "I32" => ScalarType.Int,
        "I64" => ScalarType.Long,
        "F16" => ScalarType.Half,
        "BF16" => ScalarType.BFloat16,
        "F32" => ScalarType.Float,
        "F64" => ScalarType.Double,
        _ => null,
    };

    /// <summary>The number of elements of a shape, or null where a size is negative or the count overflows.</summary>
    public static long? CountOf(ReadOnlySpan<long> shape)
    {
        // Zero wins over an overflow, as in [0, 2^62, 2^62].
        foreach (long size in shape) if (size < 0) return null;
        foreach (long size in shape) if (size == 0) return 0;
        long count = 1;
        foreach (long size in shape)
        {
            if (count > long.MaxValue / 8 / size) return null;
            count *= size;
        }
        return count;
    }
}
