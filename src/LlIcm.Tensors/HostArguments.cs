using LlIcm.Tensors.Serialization;

namespace LlIcm.Tensors;

/// <summary>Reads operators' arguments, with defaults for those that were not given.</summary>
internal static class HostArguments
{
    public static HostTensor Tensor(this ReadOnlySpan<Argument> arguments, int i) => Of(arguments[i]);

    public static HostTensor Tensor(this Argument[] arguments, int i) => Of(arguments[i]);

    public static bool Has(this Argument[] arguments, int i) =>
        i < arguments.Length && arguments[i].Kind is not (ArgumentKind.None or ArgumentKind.Default);

    public static long Integer(this Argument[] arguments, int i, long otherwise = 0) =>
        arguments.Has(i) ? arguments[i].Bits : otherwise;

    public static double Number(this Argument[] arguments, int i, double otherwise = 0) =>
        arguments.Has(i) ? arguments[i].Number : otherwise;

    public static bool Flag(this Argument[] arguments, int i) => arguments.Has(i) && arguments[i].Bits != 0;

    public static long[] Integers(this Argument[] arguments, int i) => arguments.Has(i) ? (long[])arguments[i].Value! : [];

    public static ScalarType Type(this Argument[] arguments, int i, ScalarType otherwise = ScalarType.Float) =>
        arguments.Has(i) ? (ScalarType)arguments[i].Bits : otherwise;

    /// <summary>A dimension's number counted from the front.</summary>
    public static int Dimension(this Argument[] arguments, int i, int rank, int otherwise = 0)
    {
        long dimension = arguments.Integer(i, otherwise);
        if (dimension < -rank || dimension >= rank) throw new TensorException($"there is no dimension {dimension} among {rank}");
        return (int)(dimension < 0 ? dimension + rank : dimension);
    }

    /// <summary>The same for several; none means all.</summary>
    public static int[] Dimensions(this Argument[] arguments, int i, int rank)
    {
        long[] given = arguments.Integers(i);
        return given.Length == 0 ? [.. Enumerable.Range(0, rank)] : [.. given.Select(each => (int)(each < 0 ? each + rank : each))];
    }

    public static HostTensor[] Tensors(this Argument[] arguments, int i) =>
        [.. ((Tensor?[])arguments[i].Value!).Select(each => (HostTensor)each!.Data)];

    public static bool IsFloating(this ScalarType type) =>
        type is ScalarType.Float or ScalarType.Double or ScalarType.Half or ScalarType.BFloat16;

    public static int SizeOf(this ScalarType type) => type.Size();

    private static HostTensor Of(in Argument argument) => argument.Value is Tensor { Data: HostTensor tensor } ? tensor
        : throw new TensorException("a tensor in host memory was expected");
}
