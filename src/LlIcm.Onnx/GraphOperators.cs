using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>ATen's operators as ONNX's (operator set 21).</summary>
internal static class GraphOperators
{
    private delegate GraphValue[] Several(Context context);

    private delegate GraphValue One(Context context);

    private static readonly Dictionary<string, Several> s_all = All();

    /// <summary>Writes one call down.</summary>
    /// <exception cref="TensorException">The operator has no counterpart here, or its arguments leave open what the graph must know.</exception>
    public static GraphValue[] Record(GraphRecorder recorder, Operator called, ReadOnlySpan<Argument> arguments)
    {
        if (!s_all.TryGetValue(called.Short, out Several? function)) throw new TensorException($"{called} cannot be recorded");
        return function(new Context(recorder, arguments.ToArray()));
    }

    private static Dictionary<string, Several> All()
    {
        var all = new Dictionary<string, Several>(StringComparer.Ordinal);
        void Add(string names, One function)
        {
            foreach (string name in names.Split(' ')) all.Add(name, context => [function(context)]);
        }

        // Element by element.
        foreach ((string name, string onnx) in ((string, string)[])[
            ("neg", "Neg"), ("abs", "Abs"), ("exp", "Exp"), ("log", "Log"), ("sqrt", "Sqrt"), ("reciprocal", "Reciprocal"),
            ("sin", "Sin"), ("cos", "Cos"), ("tanh", "Tanh"), ("sigmoid", "Sigmoid"), ("round", "Round"), ("floor", "Floor"), ("ceil", "Ceil"),
            ("sign", "Sign"), ("softplus", "Softplus"), ("relu", "Relu"), ("llicm::gelu", "Gelu")])
            Add(name, c => c.Same(onnx, c.X));
        Add("rsqrt", c => c.Same("Reciprocal", c.Same("Sqrt", c.X)));
        Add("square", c => c.Same("Mul", c.X, c.X));
        Add("silu", c => c.Same("Mul", c.X, c.Same("Sigmoid", c.X)));
        Add("leaky_relu", c => c.Recorder.Emit("LeakyRelu", [c.X], c.X.Type, c.X.Shape, ("alpha", (float)c.Number(1, 0.01))));
        Add("pow", c => c.Combined("Pow", c.X, c.Recorder.Scalar(c.Number(1), c.X.Type)));
        Add("clamp", c => c.Recorder.Emit(
            "Clip", [c.X, c.Has(1) ? c.Recorder.Scalar(c.Number(1), c.X.Type) : null, c.Has(2) ? c.Recorder.Scalar(c.Number(2), c.X.Type) : null],
            c.X.Type, c.X.Shape));
        Add("llicm::lower_bound", c => c.Combined("Max", c.X, c.Recorder.Scalar(c.Number(1), c.X.Type)));
        Add("add", c => c.Combined("Add", c.Operand(0), c.Scaled(1)));
        Add("sub", c => c.Combined("Sub", c.Operand(0), c.Scaled(1)));
        Add("rsub", c => c.Combined("Sub", c.Operand(1), c.Operand(0)));
        Add("mul", c => c.Combined("Mul", c.Operand(0), c.Operand(1)));
        Add("div", c => c.Combined("Div", c.Operand(0), c.Operand(1)));
        Add("maximum", c => c.Combined("Max", c.Operand(0), c.Operand(1)));
        Add("minimum", c => c.Combined("Min", c.Operand(0), c.Operand(1)));
        Add("addcmul", c => c.Combined("Add", c.Operand(0), c.Combined("Mul", c.Operand(1), c.Operand(2))));
        Add("to", c => c.Cast(c.X, c.Arguments[1].Kind == ArgumentKind.Device ? c.Type(2, c.X.Type) : c.Type(1, c.X.Type)));
        Add("contiguous detach clone", c => c.X);
        Add("ones_like", c => c.Filled(1));
        Add("zeros_like", c => c.Filled(0));

        // Over dimensions.
        Add("sum", c => c.Reduced("ReduceSum", 1, 2));
        Add("mean", c => c.Reduced("ReduceMean", 1, 2));
        Add("amax", c => c.Reduced("ReduceMax", 1, 2));
        Add("norm", c => c.Number(1, 2) == 2 ? c.Reduced("ReduceL2", 2, 3) : throw new TensorException("only norms of order 2 can be recorded"));
        Add("softmax", c => c.Recorder.Emit("Softmax", [c.X], c.X.Type, c.X.Shape, ("axis", (long)c.Dimension(1))));
        Add("cumsum", c => c.Recorder.Emit("CumSum", [c.X, c.Recorder.Scalar(c.Dimension(1), ScalarType.Long)], c.X.Type, c.X.Shape));

        // Products.
        Add("matmul bmm", c => c.Product(c.X, c.Operand(1)));
        Add("linear", c =>
        {
            GraphValue weight = c.Operand(1);
            GraphValue product = c.Recorder.Emit(
                "com.microsoft.FusedMatMul", [c.X, weight], c.X.Type, [.. c.X.Shape[..^1], weight.Shape[0]], ("transB", 1L));
            return c.Has(2) ? c.Combined("Add", product, c.Operand(2)) : product;
        });
        Add("conv2d", Convolution);
        Add("conv_transpose2d", TransposedConvolution);
        Add("layer_norm", c =>
        {
            long[] shape = c.Integers(1);
            GraphValue scale = c.Has(2) ? c.Operand(2) : c.Recorder.ValueOf(c.Constant(Tensor.Ones(shape)));
            return c.Recorder.Emit(
                "LayerNormalization", c.Has(3) ? [c.X, scale, c.Operand(3)] : [c.X, scale], c.X.Type, c.X.Shape,
                ("axis", (long)-shape.Length), ("epsilon", (float)c.Number(4, 1e-5)));
        });
        Add("group_norm", GroupNorm);
        Add("embedding", c => c.Gathered(c.Operand(0), c.Operand(1), 0));
        Add("gather", c => c.Recorder.Emit(
            "GatherElements", [c.X, c.Operand(2)], c.X.Type, c.Operand(2).Shape, ("axis", (long)c.Dimension(1))));
        Add("index_select", c => c.Gathered(c.X, c.Operand(2), c.Dimension(1)));

        // Order and sizes.
        Add("reshape view", c => c.Reshaped(c.X, c.Integers(1)));
        Add("reshape_as", c =>
        {
            GraphValue like = c.Operand(1);
            return Array.IndexOf(like.Shape, -1) < 0 ? c.Reshaped(c.X, like.Shape)
                : c.Recorder.Emit("Reshape", [c.X, c.ShapeOf(like)], c.X.Type, like.Shape);
        });
        Add("flatten", Flattened);
        Add("permute", c => c.Permuted([.. c.Integers(1).Select(d => d < 0 ? d + c.X.Shape.Length : d)]));
        Add("transpose", c =>
        {
            long[] order = [.. Enumerable.Range(0, c.X.Shape.Length).Select(d => (long)d)];
            (order[c.Dimension(1)], order[c.Dimension(2)]) = (order[c.Dimension(2)], order[c.Dimension(1)]);
            return c.Permuted(order);
        });
        Add("unsqueeze", c =>
        {
            int at = c.Dimension(1, c.X.Shape.Length + 1);
            return c.Recorder.Emit("Unsqueeze", [c.X, c.Recorder.Constant(at)], c.X.Type, [.. c.X.Shape[..at], 1, .. c.X.Shape[at..]]);
        });
        Add("squeeze", c =>
        {
            int at = c.Dimension(1);
            return c.X.Shape[at] != 1 ? c.X
                : c.Recorder.Emit("Squeeze", [c.X, c.Recorder.Constant(at)], c.X.Type, [.. c.X.Shape[..at], .. c.X.Shape[(at + 1)..]]);
        });
        Add("expand", c =>
        {
            long[] wanted = c.Integers(1);
            int more = wanted.Length - c.X.Shape.Length;
            long[] shape = [.. wanted.Select((size, i) => size < 0 ? c.X.Shape[i - more] : size)];
            return shape.AsSpan().SequenceEqual(c.X.Shape) ? c.X
                : c.Recorder.Emit("Expand", [c.X, c.Recorder.Constant([.. wanted.Select(size => size < 0 ? 1 : size)])], c.X.Type, shape);
        });
        Add("narrow", c => c.Sliced(c.X, c.Dimension(1), c.Integer(2), c.Integer(2) + c.Integer(3), 1));
        Add("slice", c => c.Sliced(c.X, c.Dimension(1), c.Integer(2), c.Integer(3, long.MaxValue), c.Integer(4, 1)));
        Add("select", c => c.Selected(c.X, c.Dimension(1), c.Integer(2)));
        Add("cat", c =>
        {
            GraphValue[] parts = c.Tensors(0);
            int at = c.Dimension(1, parts[0].Shape.Length);
            long[] shape = [.. parts[0].Shape];
            shape[at] = parts.Any(part => part.Shape[at] < 0) ? -1 : parts.Sum(part => part.Shape[at]);
            for (int d = 0; d < shape.Length; d++)
                if (d != at) shape[d] = parts.Max(part => part.Shape[d]);
            return parts.Length == 1 ? parts[0] : c.Recorder.Emit("Concat", parts, parts[0].Type, shape, ("axis", (long)at));
        });
        Add("stack", c =>
        {
            GraphValue[] parts = c.Tensors(0);
            int at = c.Dimension(1, parts[0].Shape.Length + 1);
            long[] each = [.. parts[0].Shape[..at], 1, .. parts[0].Shape[at..]], shape = [.. each];
            shape[at] = parts.Length;
            return c.Recorder.Emit(
                "Concat", [.. parts.Select(part => c.Recorder.Emit("Unsqueeze", [part, c.Recorder.Constant(at)], part.Type, each))],
                parts[0].Type, shape, ("axis", (long)at));
        });
        Add("constant_pad_nd", c => Padded(c, "constant"));
        Add("replication_pad2d", c => Padded(c, "edge"));
        Add("reflection_pad2d", c => Padded(c, "reflect"));
        Add("pixel_shuffle", c =>
        {
            long factor = c.Integer(1);
            long[] shape = c.X.Shape;
            return c.Recorder.Emit(
                "DepthToSpace", [c.X], c.X.Type, [shape[0], shape[1] / (factor * factor), Times(shape[2], factor), Times(shape[3], factor)],
                ("blocksize", factor), ("mode", "CRD"));
        });
        Add("pixel_unshuffle", PixelUnshuffle);
        Add("upsample_nearest2d", c => Resized(c, "nearest", [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]));
        Add("upsample_bilinear2d", c => Resized(
            c, "linear", [("coordinate_transformation_mode", c.Has(2) && c.Integer(2) != 0 ? "align_corners" : "half_pixel")]));
        Add("max_pool2d", c => Pooled(c, "MaxPool", 3, c.Has(5) && c.Integer(5) != 0));
        Add("avg_pool2d", c => Pooled(c, "AveragePool", 3, c.Has(4) && c.Integer(4) != 0));

        all.Add("chunk", c =>
        {
            long size = c.Known(c.X, c.Dimension(2)), each = (size + c.Integer(1) - 1) / c.Integer(1);
            var sizes = new List<long>();
            for (long start = 0; start < size; start += each) sizes.Add(Math.Min(each, size - start));
            return c.Divided(c.X, c.Dimension(2), [.. sizes]);
        });
        all.Add("split_with_sizes", c => c.Divided(c.X, c.Dimension(2), c.Integers(1)));
        all.Add("unbind", c =>
        {
            int at = c.Dimension(1);
            return [.. Enumerable.Range(0, (int)c.Known(c.X, at)).Select(i => c.Selected(c.X, at, i))];
        });
        return all;
    }

    private static GraphValue Convolution(Context c)
    {
        GraphValue x = c.X, weight = c.Operand(1);
        long[] stride = c.Integers(3, [1, 1]), padding = c.Integers(4, [0, 0]), dilation = c.Integers(5, [1, 1]);
        long Size(int d) => x.Shape[d + 2] < 0 ? -1
            : (x.Shape[d + 2] + 2 * padding[d] - dilation[d] * (weight.Shape[d + 2] - 1) - 1) / stride[d] + 1;
        return c.Recorder.Emit(
            "Conv", c.Has(2) ? [x, weight, c.Operand(2)] : [x, weight], x.Type, [x.Shape[0], weight.Shape[0], Size(0), Size(1)],
            ("kernel_shape", weight.Shape[2..]), ("strides", stride), ("pads", (long[])[.. padding, .. padding]), ("dilations", dilation),
            ("group", c.Integer(6, 1)));
    }

    private static GraphValue TransposedConvolution(Context c)
    {
        GraphValue x = c.X, weight = c.Operand(1);
        long[] stride = c.Integers(3, [1, 1]), padding = c.Integers(4, [0, 0]), more = c.Integers(5, [0, 0]);
        long Size(int d) => x.Shape[d + 2] < 0 ? -1 : (x.Shape[d + 2] - 1) * stride[d] - 2 * padding[d] + weight.Shape[d + 2] + more[d];
        return c.Recorder.Emit(
            "ConvTranspose", c.Has(2) ? [x, weight, c.Operand(2)] : [x, weight], x.Type, [x.Shape[0], weight.Shape[1], Size(0), Size(1)],
            ("kernel_shape", weight.Shape[2..]), ("strides", stride), ("pads", (long[])[.. padding, .. padding]), ("output_padding", more));
    }

    // Normalisation of instances whose channels are the groups.
    private static GraphValue GroupNorm(Context c)
    {
        GraphRecorder recorder = c.Recorder;
        GraphValue x = c.X;
        long groups = c.Integer(1);
        GraphValue grouped = recorder.Emit("Reshape", [x, recorder.Constant(x.Shape[0], groups, -1)], x.Type, [x.Shape[0], groups, -1]);
        GraphValue normal = recorder.Emit(
            "InstanceNormalization",
            [grouped, recorder.ValueOf(c.Constant(Tensor.Ones([groups]))), recorder.ValueOf(c.Constant(Tensor.Zeros([groups])))],
            x.Type, grouped.Shape, ("epsilon", (float)c.Number(4, 1e-5)));
        GraphValue back = recorder.Emit("Reshape", [normal, c.ShapeOf(x)], x.Type, x.Shape);
        long[] channels = [x.Shape[1], .. Enumerable.Repeat(1L, x.Shape.Length - 2)];
        if (c.Has(2)) back = c.Combined("Mul", back, c.Reshaped(c.Operand(2), channels));
        return c.Has(3) ? c.Combined("Add", back, c.Reshaped(c.Operand(3), channels)) : back;
    }

    private static GraphValue Flattened(Context c)
    {
        long[] shape = c.X.Shape;
        int first = c.Dimension(1, shape.Length), last = c.Dimension(2, shape.Length, -1);
        long size = shape[first..(last + 1)].Contains(-1) ? -1 : shape[first..(last + 1)].Aggregate(1L, (all, each) => all * each);
        long[] result = [.. shape[..first], size, .. shape[(last + 1)..]];
        if (result.Count(each => each < 0) <= 1) return c.Recorder.Emit("Reshape", [c.X, c.Recorder.Constant(result)], c.X.Type, result);
        // 0 copies the size at its place; those behind the joined ones have moved.
        GraphValue head = c.Recorder.Constant([.. Enumerable.Repeat(0L, first), -1]);
        if (last + 1 == shape.Length) return c.Recorder.Emit("Reshape", [c.X, head], c.X.Type, result);
        GraphValue tail = c.Recorder.Emit("Shape", [c.X], ScalarType.Long, [shape.Length - last - 1], ("start", (long)(last + 1)));
        GraphValue wanted = c.Recorder.Emit("Concat", [head, tail], ScalarType.Long, [result.Length], ("axis", 0L));
        return c.Recorder.Emit("Reshape", [c.X, wanted], c.X.Type, result);
    }

    private static GraphValue Padded(Context c, string mode)
    {
        long[] given = c.Integers(1), shape = [.. c.X.Shape];
        var pads = new long[2 * shape.Length];
        for (int i = 0; i < given.Length / 2; i++)
        {
            int dimension = shape.Length - 1 - i;
            (pads[dimension], pads[dimension + shape.Length]) = (given[2 * i], given[2 * i + 1]);
            if (shape[dimension] >= 0) shape[dimension] += given[2 * i] + given[2 * i + 1];
        }
        GraphValue[] inputs = mode == "constant"
            ? [c.X, c.Recorder.Constant(pads), c.Recorder.Scalar(c.Number(2), c.X.Type)] : [c.X, c.Recorder.Constant(pads)];
        return c.Recorder.Emit("Pad", inputs, c.X.Type, shape, ("mode", mode));
    }

    // ONNX has the places of a block outside, PyTorch the channels.
    private static GraphValue PixelUnshuffle(Context c)
    {
        long factor = c.Integer(1), channels = c.X.Shape[1];
        long[] shape = [c.X.Shape[0], channels * factor * factor, Over(c.X.Shape[2], factor), Over(c.X.Shape[3], factor)];
        GraphValue blocks = c.Recorder.Emit("SpaceToDepth", [c.X], c.X.Type, shape, ("blocksize", factor));
        long[] order = [.. from channel in Enumerable.Range(0, (int)channels)
                           from place in Enumerable.Range(0, (int)(factor * factor))
                           select place * channels + channel];
        return c.Gathered(blocks, c.Recorder.Constant(order), 1);
    }

    private static GraphValue Resized(Context c, string mode, IReadOnlyList<(string, object)> attributes)
    {
        long[] size = c.Integers(1), shape = [c.X.Shape[0], c.X.Shape[1], .. size];
        return c.Recorder.Emit("Resize", [c.X, null, null, c.Recorder.Constant(shape)], c.X.Type, shape, [("mode", mode), .. attributes]);
    }

    private static GraphValue Pooled(Context c, string name, int paddingAt, bool ceiling)
    {
        long[] kernel = c.Integers(1), stride = c.Integers(2, kernel), padding = c.Integers(paddingAt, [0, 0]);
        long Size(int d)
        {
            long size = c.X.Shape[d + 2];
            if (size < 0) return -1;
            long room = size + 2 * padding[d] - kernel[d];
            long steps = (ceiling ? (room + stride[d] - 1) / stride[d] : room / stride[d]) + 1;
            return ceiling && (steps - 1) * stride[d] >= size + padding[d] ? steps - 1 : steps;
        }
        var attributes = new List<(string, object)>
        {
            ("kernel_shape", kernel), ("strides", stride), ("pads", (long[])[.. padding, .. padding]), ("ceil_mode", ceiling ? 1L : 0L),
        };
        if (name == "AveragePool") attributes.Add(("count_include_pad", 1L));
        return c.Recorder.Emit(name, [c.X], c.X.Type, [c.X.Shape[0], c.X.Shape[1], Size(0), Size(1)], attributes);
    }

    private static long Times(long size, long factor) => size < 0 ? -1 : size * factor;

    private static long Over(long size, long factor) => size < 0 ? -1 : size / factor;

    // The arguments of one call, and the steps that several operators share.
    private sealed class Context(GraphRecorder recorder, Argument[] arguments)
    {
        public GraphRecorder Recorder => recorder;

        public Argument[] Arguments => arguments;

        public GraphValue X => Operand(0);

        public bool Has(int i) => arguments.Has(i);

        public long Integer(int i, long otherwise = 0) => arguments.Integer(i, otherwise);

        public double Number(int i, double otherwise = 0) => arguments.Number(i, otherwise);

        public long[] Integers(int i, long[]? otherwise = null) => arguments.Has(i) ? arguments.Integers(i) : otherwise ?? [];

        public ScalarType Type(int i, ScalarType otherwise) => arguments.Type(i, otherwise);

        public int Dimension(int i, int? rank = null, int otherwise = 0) => arguments.Dimension(i, rank ?? X.Shape.Length, otherwise);

        public GraphValue[] Tensors(int i) => [.. ((Tensor?[])arguments[i].Value!).Select(each => recorder.ValueOf(each!))];

        // A constant that one operator needs: no scope may own it before it is written.
        public Tensor Constant(Tensor tensor) => tensor;

        public GraphValue Operand(int i)
        {
            if (arguments[i].Value is Tensor tensor) return recorder.ValueOf(tensor);
            ScalarType type = arguments.Select(each => (each.Value as Tensor)?.Type).OfType<ScalarType>().First();
            return recorder.Scalar(arguments[i].Number, type);
        }

        public GraphValue Scaled(int i)
        {
            double factor = Number(2, 1);
            return factor == 1 ? Operand(i) : Combined("Mul", Operand(i), recorder.Scalar(factor, Operand(i).Type));
        }

        public long Known(GraphValue value, int dimension) => value.Shape[dimension] >= 0 ? value.Shape[dimension]
            : throw new TensorException($"the size of dimension {dimension} differs from run to run of the recorded graph");

        public GraphValue Same(string name, params GraphValue[] inputs) => recorder.Emit(name, inputs, inputs[0].Type, inputs[0].Shape);

        public GraphValue Cast(GraphValue value, ScalarType type) => value.Type == type ? value
            : recorder.Emit("Cast", [value], type, value.Shape, ("to", (long)ModelWriter.TypeOf(type)));

        public GraphValue Combined(string name, GraphValue a, GraphValue b)
        {
            ScalarType type = a.Type == b.Type ? a.Type : a.Shape.Length == 0 ? b.Type : b.Shape.Length == 0 ? a.Type
                : a.Type.SizeOf() >= b.Type.SizeOf() && a.Type.IsFloating() ? a.Type : b.Type;
            return recorder.Emit(name, [Cast(a, type), Cast(b, type)], type, Broadcast(a.Shape, b.Shape));
        }

        public GraphValue Reduced(string name, int dimensionsAt, int keepAt)
        {
            int[] dimensions = arguments.Dimensions(dimensionsAt, X.Shape.Length);
            bool keep = arguments.Flag(keepAt);
            long[] shape = [.. Enumerable.Range(0, X.Shape.Length).Where(d => keep || !dimensions.Contains(d))
                .Select(d => dimensions.Contains(d) ? 1 : X.Shape[d])];
            return recorder.Emit(
                name, [X, recorder.Constant([.. dimensions.Select(d => (long)d)])], X.Type, shape, ("keepdims", keep ? 1L : 0L));
        }

        public GraphValue Product(GraphValue a, GraphValue b)
        {
            if (a.Shape.Length < 2 || b.Shape.Length < 2) throw new TensorException("products with vectors cannot be recorded");
            return recorder.Emit("MatMul", [a, b], a.Type, [.. Broadcast(a.Shape[..^2], b.Shape[..^2]), a.Shape[^2], b.Shape[^1]]);
        }

        public GraphValue Gathered(GraphValue value, GraphValue index, int dimension) => recorder.Emit(
            "Gather", [value, index], value.Type, [.. value.Shape[..dimension], .. index.Shape, .. value.Shape[(dimension + 1)..]],
            ("axis", (long)dimension));

        public GraphValue Selected(GraphValue value, int dimension, long index) =>
            Gathered(value, recorder.Scalar(index, ScalarType.Long), dimension);

        public GraphValue ShapeOf(GraphValue value) => Array.IndexOf(value.Shape, -1) < 0 ? recorder.Constant(value.Shape)
            : recorder.Emit("Shape", [value], ScalarType.Long, [value.Shape.Length]);

        public GraphValue Reshaped(GraphValue value, long[] shape)
        {
            long[] result = [.. shape];
            int open = Array.IndexOf(result, -1);
            if (open >= 0 && Array.IndexOf(value.Shape, -1) < 0)
            {
                long others = 1;
                for (int d = 0; d < result.Length; d++)
                    if (d != open) others *= result[d];
                result[open] = value.Shape.Aggregate(1L, (all, each) => all * each) / Math.Max(others, 1);
            }
            if (value.Constant is { } constant && Array.IndexOf(result, -1) < 0) return recorder.Constant(HostShapes.Reshaped(constant, result));
            return recorder.Emit("Reshape", [value, recorder.Constant(shape)], value.Type, result);
        }

        public GraphValue Permuted(long[] order) =>
            recorder.Emit("Transpose", [X], X.Type, [.. order.Select(d => X.Shape[d])], ("perm", order));

        public GraphValue Sliced(GraphValue value, int dimension, long start, long end, long step)
        {
            long size = value.Shape[dimension];
            long[] shape = [.. value.Shape];
            if (size >= 0)
            {
                long from = start < 0 ? start + size : Math.Min(start, size), to = Math.Min(end < 0 ? end + size : end, size);
                shape[dimension] = Math.Max(0, (to - from + step - 1) / step);
                if (from == 0 && to == size && step == 1) return value;
            }
            else
            {
                shape[dimension] = end != long.MaxValue && start >= 0 && end >= 0 ? (end - start + step - 1) / step : -1;
            }
            return recorder.Emit(
                "Slice", [value, recorder.Constant(start), recorder.Constant(end), recorder.Constant(dimension), recorder.Constant(step)],
                value.Type, shape);
        }

        public GraphValue[] Divided(GraphValue value, int dimension, long[] sizes)
        {
            (ScalarType, long[])[] outputs = [.. sizes.Select(size =>
            {
                long[] shape = [.. value.Shape];
                shape[dimension] = size;
                return (value.Type, shape);
            })];
            return sizes.Length == 1 ? [value]
                : recorder.EmitMany("Split", [value, recorder.Constant(sizes)], outputs, ("axis", (long)dimension));
        }

        public GraphValue Filled(double number)
        {
            GraphValue one = recorder.Scalar(number, X.Type);
            return recorder.Emit("Expand", [one, ShapeOf(X)], X.Type, X.Shape);
        }

        private static long[] Broadcast(long[] a, long[] b)
        {
            var shape = new long[Math.Max(a.Length, b.Length)];
            for (int i = 1; i <= shape.Length; i++)
            {
                long x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
                shape[^i] = x == y || y == 1 ? x : x == 1 ? y : x < 0 ? y : y < 0 ? x
                    : throw new TensorException($"the sizes [{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not fit each other");
            }
            return shape;
        }
    }
}
