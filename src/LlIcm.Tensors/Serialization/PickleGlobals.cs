using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>The names a pickle of weights may refer to, and what each of them builds.</summary>
internal static class PickleGlobals
{
    // An expanded view may repeat its storage, but not so often that reading it fills the memory.
    private const long MaxExpandedBytes = 256L << 20;
    private const int MaxDimensions = 64;

    private static readonly Dictionary<string, ScalarType> DTypes = new()
    {
        ["uint8"] = ScalarType.Byte,
        ["int8"] = ScalarType.Char,
        ["int16"] = ScalarType.Short,
        ["short"] = ScalarType.Short,
        ["int32"] = ScalarType.Int,
        ["int"] = ScalarType.Int,
        ["int64"] = ScalarType.Long,
        ["long"] = ScalarType.Long,
        ["float16"] = ScalarType.Half,
        ["half"] = ScalarType.Half,
        ["float32"] = ScalarType.Float,
        ["float"] = ScalarType.Float,
        ["float64"] = ScalarType.Double,
        ["double"] = ScalarType.Double,
        ["bool"] = ScalarType.Bool,
        ["bfloat16"] = ScalarType.BFloat16,
    };

    private static readonly HashSet<string> Functions =
    [
        "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "builtins.set",
        "builtins.frozenset", "builtins.dict", "builtins.list", "builtins.int", "builtins.float", "_codecs.encode",
        "torch.Size", "torch.device",
        "torch.Tensor", "torch.nn.parameter.Parameter", "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state", "torch._tensor._rebuild_from_type_v2",
        "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
        "torch.jit._pickle.build_boollist", "torch.jit._pickle.restore_type_tag",
        "numpy.dtype", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
    ];

    // What training scripts save beside the weights. None of it runs code, and none of it is built here either.
    private static readonly HashSet<string> Harmless =
    [
        "argparse.Namespace", "types.SimpleNamespace", "collections.deque", "builtins.object", "builtins.tuple", "builtins.complex",
        "builtins.slice", "builtins.range", "builtins.bytearray", "builtins.bytes", "builtins.str", "builtins.bool", "copyreg._reconstructor",
        "copy_reg._reconstructor", "fractions.Fraction", "decimal.Decimal", "uuid.UUID",
        "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
        "pathlib._local.Path", "pathlib._local.PosixPath", "pathlib._local.WindowsPath", "pathlib._local.PurePath",
        "pathlib._local.PurePosixPath", "pathlib._local.PureWindowsPath",
        "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone",
        "numpy.ndarray", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
        "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
        "numpy.bool_", "numpy.int8", "numpy.int16", "numpy.int32", "numpy.int64", "numpy.uint8", "numpy.uint16", "numpy.uint32", "numpy.uint64",
        "numpy.float16", "numpy.float32", "numpy.float64", "numpy.str_", "numpy.bytes_",
        "easydict.EasyDict", "addict.addict.Dict", "yacs.config.CfgNode", "pandas._libs.tslibs.timestamps._unpickle_timestamp",
    ];

    private sealed record Function(string Name);

    private sealed record ScriptClass(string Name);

    internal sealed record StorageClass(ScalarType? Type);

    /// <summary>What a name stands for.</summary>
    /// <exception cref="WeightFormatException">It is not one of the names that weights need.</exception>
    public static object Resolve(string module, string name, bool torchScript)
    {
        if (module == "__builtin__") module = "builtins";
        string full = $"{module}.{name}";
        if (module == "torch" && DTypes.TryGetValue(name, out ScalarType dtype)) return dtype;
        if (module is "torch" or "torch.cuda" or "torch.storage" && StorageType(name) is { } storage) return storage;
        if (Functions.Contains(full)) return new Function(full);
        if (Harmless.Contains(full)) return new ForeignObject(full);
        if (torchScript && (module == "__torch__" || module.StartsWith("__torch__.", StringComparison.Ordinal)))
            return new ScriptClass(full);
        throw new WeightFormatException(
            $"refused: the file wants to use '{Printable(full)}', which is no tensor or container");
    }

    /// <summary>Calls a function or class that <see cref="Resolve"/> has let through.</summary>
    public static object? Call(object? callee, object?[] arguments)
    {
        if (callee is ScriptClass script) return new CheckpointObject(script.Name);
        if (callee is ForeignObject) return callee;
        string name = callee is Function function ? function.Name : throw Damaged("a call of what is no function");
        return (name, arguments) switch
        {
            ("collections.OrderedDict" or "builtins.dict" or "collections.Counter", []) =>
                new OrderedDictionary<object, object?>(),
            ("collections.defaultdict", [] or [_]) => new OrderedDictionary<object, object?>(),
            ("collections.Counter" or "builtins.dict", [OrderedDictionary<object, object?> content]) => content,
            ("collections.OrderedDict", [IReadOnlyList<object?> pairs]) => FromPairs(pairs),
            ("builtins.set" or "builtins.frozenset" or "builtins.list", []) => new List<object?>(),
            ("builtins.set" or "builtins.frozenset" or "builtins.list", [IReadOnlyList<object?> items]) =>
                new List<object?>(items),
            ("collections.Counter" or "collections.OrderedDict" or "builtins.dict" or "builtins.set" or "builtins.frozenset" or "builtins.list",
                [ForeignObject foreign]) => foreign,
            ("_codecs.encode", [string text, "latin1" or "latin-1"]) => Encoding.Latin1.GetBytes(text),
            ("torch.Size", [IReadOnlyList<object?> sizes]) => (object?[])[.. sizes],
            ("torch.device", [string device]) => device,
            ("torch.device", [string device, long index]) => $"{device}:{index}",
            ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2",
                [StorageRegion storage, long offset, object?[] size, object?[] strides, ..]) =>
                Tensor(storage, storage.Type, offset, size, strides),
            ("torch._utils._rebuild_tensor_v3",
                [StorageRegion storage, long offset, object?[] size, object?[] strides, _, _, ScalarType type, ..]) =>
                Tensor(storage, type, offset, size, strides),
            ("torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state",
                [StoredTensor tensor, ..]) => tensor,
            ("torch._tensor._rebuild_from_type_v2",
                [
                    Function { Name: not "torch._tensor._rebuild_from_type_v2" } inner,
                    Function { Name: "torch.Tensor" or "torch.nn.parameter.Parameter" }, object?[] rest, ..
                ]) =>
                Call(inner, rest),
            ("torch.jit._pickle.restore_type_tag", [var value, _]) => value,
            ("torch.jit._pickle.build_intlist" or "torch.jit._pickle.build_tensorlist"
                or "torch.jit._pickle.build_doublelist" or "torch.jit._pickle.build_boollist",
                [IReadOnlyList<object?> items]) => new List<object?>(items),
            ("numpy.dtype", [string code, ..]) => new NumpyType(code),
            ("numpy.dtype", [ForeignObject type, ..]) => type,
            ("numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar", [NumpyType type, byte[] bytes]) =>
                type.Read(bytes),
            ("numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar", [NumpyType or ForeignObject, _]) =>
                new ForeignObject("numpy.generic"),
            _ => throw Damaged($"'{name}' with unexpected arguments"),
        };
    }

    /// <summary>
    /// What Python's BUILD does: attributes of TorchScript objects count, those of containers do not.
    /// </summary>
    public static void SetState(object? target, object? state)
    {
        switch (target)
        {
            case CheckpointObject module when state is OrderedDictionary<object, object?> attributes:
                foreach ((object key, object? value) in attributes)
                    module.Set(key as string ?? throw Damaged("an attribute name that is no text"), value);
                break;
            case CheckpointObject module:
                module.Set("state", state);
                break;
            case NumpyType type:
                if (state is object?[] and [_, string order, ..]) type.IsBigEndian = order == ">";
                break;
            case ForeignObject:
                break;
            // An OrderedDict's attribute is the module versions; a parameter's are what a training script hung on it.
            case OrderedDictionary<object, object?> or StoredTensor:
                break;
            default:
                throw Damaged("a state for what has none");
        }
    }

    /// <summary>Puts alternating keys and values into a dictionary.</summary>
    public static OrderedDictionary<object, object?> Fill(
        OrderedDictionary<object, object?> dictionary, object?[] items)
    {
        if (items.Length % 2 != 0) throw Damaged("a key without a value");
        for (int i = 0; i < items.Length; i += 2) dictionary[Key(items[i])] = items[i + 1];
        return dictionary;
    }

    internal static WeightFormatException Damaged(string what) => new($"damaged pickle: {what}");

    private static OrderedDictionary<object, object?> FromPairs(IReadOnlyList<object?> pairs)
    {
        var dictionary = new OrderedDictionary<object, object?>();
        foreach (object? pair in pairs)
        {
            if (pair is not IReadOnlyList<object?> { Count: 2 } two) throw Damaged("an entry that is no pair");
            dictionary[Key(two[0])] = two[1];
        }
        return dictionary;
    }

    // Tuples as keys would have to be compared element by element, and can be nested without end.
    private static object Key(object? key) => key is string or long or bool or double
        ? key
        : throw new WeightFormatException(
            $"a dictionary key of the kind {key?.GetType().Name ?? "None"} is not supported");

    private static StorageClass? StorageType(string name) => name switch
    {
        "FloatStorage" => new(ScalarType.Float),
        "DoubleStorage" => new(ScalarType.Double),
        "HalfStorage" => new(ScalarType.Half),
        "BFloat16Storage" => new(ScalarType.BFloat16),
        "LongStorage" => new(ScalarType.Long),
        "IntStorage" => new(ScalarType.Int),
        "ShortStorage" => new(ScalarType.Short),
        "CharStorage" => new(ScalarType.Char),
        "ByteStorage" => new(ScalarType.Byte),
        "BoolStorage" => new(ScalarType.Bool),
        "UntypedStorage" => new StorageClass((ScalarType?)null),
        _ => null,
    };

    private static StoredTensor Tensor(
        StorageRegion storage, ScalarType? elementType, long offset, object?[] size, object?[] strides)
    {
        ScalarType type = elementType ?? throw Damaged("a tensor of unknown type");
        if (size.Length != strides.Length || size.Length > MaxDimensions)
            throw Damaged($"a tensor of {size.Length} sizes and {strides.Length} strides");
        long[] shape = Longs(size), steps = Longs(strides);
        long count = ScalarTypes.CountOf(shape) ?? throw Damaged("a tensor of an impossible shape");
        long held = storage.Length / type.Size();
        if (count * type.Size() > Math.Max(storage.Length, MaxExpandedBytes))
            throw Damaged($"a tensor of {count} elements in a storage of {held}");
        if (offset < 0 || offset > held) throw Damaged("a tensor outside its storage");

        if (count > 0)
        {
            Int128 last = offset;
            for (int d = 0; d < shape.Length; d++)
            {
                if (steps[d] < 0) throw Damaged("a negative stride");
                last += (Int128)(shape[d] - 1) * steps[d];
            }
            if (last >= held) throw Damaged("a tensor outside its storage");
        }
        return new StoredTensor("", type, shape, storage, offset * type.Size(), steps);
    }

    private static long[] Longs(object?[] items) =>
        Array.ConvertAll(items, item => item as long? ?? throw Damaged("a size that is no integer"));

    // Names come from the file: kept short and on one line in messages.
    private static string Printable(string name)
    {
        string line = string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c));
        return name.Length > 100 ? line + "…" : line;
    }
}
