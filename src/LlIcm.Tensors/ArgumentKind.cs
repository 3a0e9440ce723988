namespace LlIcm.Tensors;

/// <summary>What an <see cref="Argument"/> holds.</summary>
public enum ArgumentKind
{
    /// <summary>Nothing: an absent optional argument.</summary>
    None = 0,

    /// <summary>A tensor.</summary>
    Tensor = 1,

    /// <summary>An integer.</summary>
    Integer = 2,

    /// <summary>A floating-point number.</summary>
    Double = 3,

    /// <summary>A truth value.</summary>
    Bool = 4,

    /// <summary>Integers.</summary>
    IntegerList = 5,

    /// <summary>Floating-point numbers.</summary>
    DoubleList = 6,

    /// <summary>Tensors.</summary>
    TensorList = 7,

    /// <summary>A text.</summary>
    String = 8,

    /// <summary>A device's name.</summary>
    Device = 9,

    /// <summary>The operator's default.</summary>
    Default = 10,
}
