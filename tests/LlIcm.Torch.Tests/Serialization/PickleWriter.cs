using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>A tensor as torch.save sees it: a view of a storage.</summary>
internal sealed record PickledTensor(string Key, ScalarType Type, long Offset, long[] Shape, long[] Strides)
{
    public bool IsParameter { get; init; }

    /// <summary>The older format's view of a storage: key, offset and length in elements.</summary>
    public (string Key, long Offset, long Length)? View { get; init; }
}

/// <summary>A TorchScript object.</summary>
internal sealed record PickledObject(string ClassName, params (string Name, object? Value)[] Attributes);

/// <summary>A reference to a name, optionally called.</summary>
internal sealed record PickledCall(string Module, string Name, object?[]? Arguments);

/// <summary>Writes pickles of protocol 2, as torch.save does.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();
    private readonly Func<string, long> _elements;

    /// <param name="elements">The number of elements of a storage.</param>
    public PickleWriter(Func<string, long>? elements = null)
    {
        _elements = elements ?? (_ => 0);
        Raw(0x80, 2);
    }

    public static byte[] Dump(object? value, Func<string, long>? elements = null) =>
        new PickleWriter(elements).Write(value).Finish();

    public byte[] Finish() => Raw((byte)'.')._bytes.ToArray();

    public PickleWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleWriter Op(string text) => Raw(Encoding.Latin1.GetBytes(text));

    public PickleWriter Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleWriter Write(object? value)
    {
        switch (value)
        {
            case null: return Op("N");
            case bool flag: return Raw(flag ? (byte)0x88 : (byte)0x89);
            case int number: return Write((long)number);
            case long number and >= 0 and < 256: return Op("K").Raw((byte)number);
            case long number and >= int.MinValue and <= int.MaxValue: return Op("J").Raw(Little((int)number));
            case long number: return Write((BigInteger)number);
            case BigInteger number:
                byte[] bytes = number.ToByteArray();
                return Raw(0x8a, (byte)bytes.Length).Raw(bytes);
            case double number:
                var big = new byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(big, number);
                return Op("G").Raw(big);
            case string text:
                byte[] utf8 = Encoding.UTF8.GetBytes(text);
                return Op("X").Raw(Little(utf8.Length)).Raw(utf8);
            case byte[] raw:
                return Write(new PickledCall("_codecs", "encode", [Encoding.Latin1.GetString(raw), "latin1"]));
            case ScalarType.Half: return Global("torch", "float16");
            case PickledTensor tensor: return Tensor(tensor);
            case PickledObject obj: return Object(obj);
            case PickledCall call:
                Global(call.Module, call.Name);
                return call.Arguments is null ? this : Write(call.Arguments).Op("R");
            case long[] sizes: return Write(sizes.Cast<object?>().ToArray());
            case object?[] tuple:
                Op("(");
                foreach (object? item in tuple) Write(item);
                return Op("t");
            case IDictionary dictionary:
                Write(new PickledCall("collections", "OrderedDict", [])).Op("(");
                foreach (DictionaryEntry entry in dictionary) Write(entry.Key).Write(entry.Value);
                return Op("u");
            case IEnumerable list:
                Op("](");
                foreach (object? item in list) Write(item);
                return Op("e");
            default: throw new ArgumentException($"cannot pickle {value.GetType()}");
        }
    }

    private static byte[] Little(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private PickleWriter Tensor(PickledTensor tensor)
    {
        if (tensor.IsParameter) Global("torch._utils", "_rebuild_parameter").Op("(");
        Global("torch._utils", "_rebuild_tensor_v2").Op("((").Write("storage");
        Global("torch", tensor.Type switch
        {
            ScalarType.BFloat16 => "BFloat16Storage",
            ScalarType type => type + "Storage",
        });
        Write(tensor.Key).Write("cpu").Write(_elements(tensor.Key));
        if (tensor.View is { } view) Write((object?[])[view.Key, view.Offset, view.Length]);
        Op("tQ").Write(tensor.Offset).Write(tensor.Shape).Write(tensor.Strides).Write(false);
        Write(new PickledCall("collections", "OrderedDict", [])).Op("tR");
        if (tensor.IsParameter) Write(true).Write(new PickledCall("collections", "OrderedDict", [])).Op("tR");
        return this;
    }

    private PickleWriter Object(PickledObject obj)
    {
        int dot = obj.ClassName.LastIndexOf('.');
        Global(obj.ClassName[..dot], obj.ClassName[(dot + 1)..]).Op(")").Raw(0x81).Op("}(");
        foreach ((string name, object? value) in obj.Attributes) Write(name).Write(value);
        return Op("ub");
    }
}
