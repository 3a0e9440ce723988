using System.Text;
using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>Writes a graph as an ONNX model: the few messages of onnx.proto that one needs, in protocol buffers' wire format.</summary>
internal sealed class ModelWriter
{
    private const long FormatVersion = 10, OperatorSet = 21;
    private const string Own = "com.microsoft";
    // Smaller constants are not worth a look into their file.
    private const long Smallest = 1 << 12;

    private readonly MemoryStream _small = new();
    private readonly List<(byte[]? Bytes, HostTensor? Elements)> _parts = [];
    private long _length;

    /// <summary>ONNX's number of an element type.</summary>
    public static int TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float => 1,
        ScalarType.Byte => 2,
        ScalarType.Char => 3,
        ScalarType.Short => 5,
        ScalarType.Int => 6,
        ScalarType.Long => 7,
        ScalarType.Bool => 9,
        ScalarType.Half => 10,
        ScalarType.Double => 11,
        ScalarType.BFloat16 => 16,
        _ => throw new TensorException($"ONNX has no element type {type}"),
    };

    /// <summary>The whole model, and the folder of the files that it takes weights from, if there is one.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="nodes">Its operators, in an order in which they can be computed.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <param name="whole">Whether weights that lie in a file are copied, so that the model needs no other file.</param>
    /// <exception cref="TensorException">It is larger than a model in memory may be.</exception>
    public static (byte[] Model, string? Folder) Write(
        string name, IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs, bool whole = false)
    {
        var graph = new ModelWriter();
        string? folder = null;
        foreach (GraphNode node in nodes) graph.Message(1, message => Node(message, node));
        graph.Text(2, name);
        foreach (GraphValue constant in nodes.SelectMany(node => node.Inputs).Concat(outputs).OfType<GraphValue>()
            .Where(value => value.Constant is not null).Distinct())
            graph.Initializer(constant, whole, ref folder);
        foreach (GraphValue input in inputs) graph.Message(11, message => Describe(message, input));
        foreach (GraphValue output in outputs) graph.Message(12, message => Describe(message, output));
        graph.Close();

        var head = new ModelWriter();
        head.Number(1, FormatVersion);
        head.Text(2, "llicm");
        head.Message(8, set =>
        {
            set.Text(1, "");
            set.Number(2, OperatorSet);
        });
        head.Message(8, set =>
        {
            set.Text(1, Own);
            set.Number(2, 1);
        });
        head.Key(7, 2);
        head.Varint((ulong)graph._length);
        head.Close();

        long total = head._length + graph._length;
        if (total > Array.MaxLength) throw new TensorException($"the graph '{name}' takes {total} bytes, more than a model in memory may");
        var model = new byte[total];
        int at = 0;
        foreach ((byte[]? bytes, HostTensor? elements) in head._parts.Concat(graph._parts))
        {
            if (bytes is not null)
            {
                bytes.CopyTo(model, at);
                at += bytes.Length;
                continue;
            }
            int length = (int)(elements!.Count * elements.Type.SizeOf());
            elements.CopyTo(model.AsSpan(at, length));
            at += length;
        }
        return (model, folder);
    }

    private static void Node(ModelWriter writer, GraphNode node)
    {
        foreach (GraphValue? input in node.Inputs) writer.Text(1, input?.Name ?? "");
        foreach (GraphValue output in node.Outputs) writer.Text(2, output.Name);
        writer.Text(3, node.Outputs[0].Name);
        bool own = node.Operator.StartsWith(Own + ".", StringComparison.Ordinal);
        writer.Text(4, own ? node.Operator[(Own.Length + 1)..] : node.Operator);
        if (own) writer.Text(7, Own);
        foreach ((string name, object value) in node.Attributes)
        {
            writer.Message(5, attribute =>
            {
                attribute.Text(1, name);
                switch (value)
                {
                    case float number:
                        attribute.Key(2, 5);
                        attribute._small.Write(BitConverter.GetBytes(number));
                        attribute.Number(20, 1);
                        break;
                    case long integer:
                        attribute.Number(3, integer);
                        attribute.Number(20, 2);
                        break;
                    case string text:
                        attribute.Text(4, text);
                        attribute.Number(20, 3);
                        break;
                    case long[] integers:
                        foreach (long each in integers) attribute.Number(8, each);
                        attribute.Number(20, 7);
                        break;
                    default: throw new ArgumentException($"an attribute of type {value.GetType()}");
                }
            });
        }
    }

    private static void Describe(ModelWriter writer, GraphValue value)
    {
        writer.Text(1, value.Name);
        writer.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Number(1, TypeOf(value.Type));
            tensor.Message(2, shape =>
            {
                foreach ((int i, long size) in value.Shape.Index())
                {
                    shape.Message(1, dimension =>
                    {
                        if (size >= 0) dimension.Number(1, size);
                        else dimension.Text(2, $"{value.Name}_{i}");
                    });
                }
            });
        }));
    }

    // The elements are copied once, into the model; those of a file stay there, and ONNX Runtime maps them.
    private void Initializer(GraphValue value, bool whole, ref string? folder)
    {
        HostTensor constant = value.Constant!;
        if (!whole && constant.File is { } file && constant.Count * constant.Type.SizeOf() >= Smallest
            && (folder ?? Path.GetDirectoryName(file.Path)) == Path.GetDirectoryName(file.Path))
        {
            folder = Path.GetDirectoryName(file.Path);
            Message(5, tensor =>
            {
                foreach (long size in constant.Shape) tensor.Number(1, size);
                tensor.Number(2, TypeOf(constant.Type));
                tensor.Text(8, value.Name);
                foreach ((string key, string text) in ((string, string)[])[
                    ("location", Path.GetFileName(file.Path)), ("offset", $"{file.Offset}"), ("length", $"{constant.Count * constant.Type.SizeOf()}")])
                {
                    tensor.Message(13, entry =>
                    {
                        entry.Text(1, key);
                        entry.Text(2, text);
                    });
                }
                tensor.Number(14, 1);
            });
            return;
        }
        var fields = new ModelWriter();
        foreach (long size in constant.Shape) fields.Number(1, size);
        fields.Number(2, TypeOf(constant.Type));
        fields.Text(8, value.Name);
        long bytes = constant.Count * constant.Type.SizeOf();
        fields.Key(9, 2);
        fields.Varint((ulong)bytes);
        Key(5, 2);
        Varint((ulong)(fields._small.Length + bytes));
        _small.Write(fields._small.ToArray());
        Close();
        _parts.Add((null, constant));
        _length += bytes;
    }

    private void Message(int field, Action<ModelWriter> fill)
    {
        var inner = new ModelWriter();
        fill(inner);
        Key(field, 2);
        Varint((ulong)inner._small.Length);
        inner._small.WriteTo(_small);
    }

    private void Text(int field, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Key(field, 2);
        Varint((ulong)bytes.Length);
        _small.Write(bytes);
    }

    private void Number(int field, long value)
    {
        Key(field, 0);
        Varint((ulong)value);
    }

    private void Key(int field, int kind) => Varint((ulong)(field << 3 | kind));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _small.WriteByte((byte)(value | 0x80));
        _small.WriteByte((byte)value);
    }

    private void Close()
    {
        if (_small.Length == 0) return;
        _parts.Add((_small.ToArray(), null));
        _length += _small.Length;
        _small.SetLength(0);
    }
}
