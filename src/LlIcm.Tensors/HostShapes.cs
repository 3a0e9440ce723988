namespace LlIcm.Tensors;

/// <summary>Operators that rearrange tensors in host memory; views where strides allow.</summary>
internal static class HostShapes
{
    public static IEnumerable<(string, Func<Argument[], HostTensor>)> All() =>
    [
        ("reshape", a => Reshaped(a.Tensor(0), Resolve(a.Tensor(0), a.Integers(1)))),
        ("view", a => Reshaped(a.Tensor(0), Resolve(a.Tensor(0), a.Integers(1)))),
        ("reshape_as", a => Reshaped(a.Tensor(0), a.Tensor(1).Shape)),
        ("permute", a => Permuted(a.Tensor(0), a.Dimensions(1, a.Tensor(0).Shape.Length))),
        ("transpose", a =>
        {
            int rank = a.Tensor(0).Shape.Length, first = a.Dimension(1, rank), second = a.Dimension(2, rank);
            int[] order = [.. Enumerable.Range(0, rank)];
            (order[first], order[second]) = (second, first);
            return Permuted(a.Tensor(0), order);
        }),
        ("unsqueeze", a =>
        {
            HostTensor x = a.Tensor(0);
            int at = a.Dimension(1, x.Shape.Length + 1);
            return x.View(Inserted(x.Shape, at, 1), Inserted(x.Strides.ToArray(), at, 1));
        }),
        ("squeeze", a =>
        {
            HostTensor x = a.Tensor(0);
            int at = a.Dimension(1, x.Shape.Length);
            return x.Shape[at] != 1 ? (HostTensor)x.Alias() : x.View(Without(x.Shape, at), Without(x.Strides.ToArray(), at));
        }),
        ("expand", a =>
        {
            HostTensor x = a.Tensor(0);
            long[] wanted = a.Integers(1);
            int more = wanted.Length - x.Shape.Length;
            return Expand(x, [.. wanted.Select((size, i) => size < 0 ? x.Shape[i - more] : size)]);
        }),
        ("flatten", a =>
        {
            long[] shape = a.Tensor(0).Shape;
            int first = a.Dimension(1, shape.Length), last = a.Dimension(2, shape.Length, -1);
            long size = 1;
            for (int d = first; d <= last; d++) size *= shape[d];
            return Reshaped(a.Tensor(0), [.. shape[..first], size, .. shape[(last + 1)..]]);
        }),
        ("narrow", a => Sliced(a.Tensor(0), a.Dimension(1, a.Tensor(0).Shape.Length), a.Integer(2), a.Integer(3), 1)),
        ("slice", a =>
        {
            HostTensor x = a.Tensor(0);
            int dimension = a.Dimension(1, x.Shape.Length);
            long size = x.Shape[dimension], step = a.Integer(4, 1);
            long start = Bound(a.Integer(2), size), end = Bound(a.Integer(3, size), size);
            return Sliced(x, dimension, start, Math.Max(0, (end - start + step - 1) / step), step);
        }),
        ("select", a =>
        {
            HostTensor x = a.Tensor(0);
            int dimension = a.Dimension(1, x.Shape.Length);
            long index = a.Integer(2);
            if (index < 0) index += x.Shape[dimension];
            using HostTensor one = Sliced(x, dimension, index, 1, 1);
            return one.View(Without(one.Shape, dimension), Without(one.Strides.ToArray(), dimension));
        }),
        ("index_select", a => Selected(a.Tensor(0), a.Dimension(1, a.Tensor(0).Shape.Length), a.Tensor(2))),
        ("embedding", a =>
        {
            using HostTensor flat = Reshaped(a.Tensor(1), [a.Tensor(1).Count]);
            using HostTensor rows = Selected(a.Tensor(0), 0, flat);
            return Reshaped(rows, [.. a.Tensor(1).Shape, .. a.Tensor(0).Shape[1..]]);
        }),
        ("gather", a => Gathered(a.Tensor(0), a.Dimension(1, a.Tensor(0).Shape.Length), a.Tensor(2))),
        ("cat", a => Joined(a.Tensors(0), a.Dimension(1, a.Tensors(0)[0].Shape.Length))),
        ("stack", a =>
        {
            HostTensor[] parts = a.Tensors(0);
            int at = a.Dimension(1, parts[0].Shape.Length + 1);
            return Joined([.. parts.Select(x => x.View(Inserted(x.Shape, at, 1), Inserted(x.Strides.ToArray(), at, 1)))], at);
        }),
        ("repeat", a =>
        {
            HostTensor x = a.Tensor(0);
            long[] times = a.Integers(1);
            HostTensor current = Reshaped(x, [.. Enumerable.Repeat(1L, times.Length - x.Shape.Length), .. x.Shape]);
            for (int d = 0; d < times.Length; d++)
                if (times[d] != 1) current = Joined([.. Enumerable.Repeat(current, (int)times[d])], d);
            return current;
        }),
        ("contiguous", a => a.Tensor(0).Packed()),
        ("detach", a => (HostTensor)a.Tensor(0).Alias()),
        ("clone", a => Copied(a.Tensor(0))),
        ("triu", a => Triangle(a.Tensor(0), a.Integer(1), upper: true)),
        ("tril", a => Triangle(a.Tensor(0), a.Integer(1), upper: false)),
        ("constant_pad_nd", a => Padded(a.Tensor(0), a.Integers(1), (i, size) => i < 0 || i >= size ? -1 : i, a.Number(2))),
        ("replication_pad2d", a => Padded(a.Tensor(0), a.Integers(1), (i, size) => Math.Clamp(i, 0, size - 1), 0)),
        ("reflection_pad2d", a => Padded(a.Tensor(0), a.Integers(1), (i, size) => i < 0 ? -i : i >= size ? 2 * size - 2 - i : i, 0)),
    ];

    /// <summary>Operators with several results.</summary>
    public static Dictionary<string, Func<Argument[], HostTensor[]>> Many() => new(StringComparer.Ordinal)
    {
        ["chunk"] = a =>
        {
            HostTensor x = a.Tensor(0);
            int dimension = a.Dimension(2, x.Shape.Length);
            long size = x.Shape[dimension], each = (size + a.Integer(1) - 1) / a.Integer(1);
            return [.. Starts(size, each).Select(start => Sliced(x, dimension, start, Math.Min(each, size - start), 1))];
        },
        ["split_with_sizes"] = a =>
        {
            HostTensor x = a.Tensor(0);
            int dimension = a.Dimension(2, x.Shape.Length);
            long start = 0;
            return [.. a.Integers(1).Select(size => Sliced(x, dimension, (start += size) - size, size, 1))];
        },
        ["unbind"] = a =>
        {
            HostTensor x = a.Tensor(0);
            int dimension = a.Dimension(1, x.Shape.Length);
            return [.. Starts(x.Shape[dimension], 1).Select(i =>
            {
                using HostTensor one = Sliced(x, dimension, i, 1, 1);
                return one.View(Without(one.Shape, dimension), Without(one.Strides.ToArray(), dimension));
            })];
        },
    };

    /// <summary>The shape that two shapes are brought to; equal sizes, or 1 on one side.</summary>
    /// <exception cref="TensorException">They do not fit.</exception>
    public static long[] Broadcast(long[] a, long[] b)
    {
        var shape = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new TensorException($"the sizes [{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not fit each other");
            shape[^i] = x == 1 ? y : x;
        }
        return shape;
    }

    /// <summary>A view in which dimensions of size 1 stand for any size.</summary>
    public static HostTensor Expand(HostTensor tensor, long[] shape)
    {
        var strides = new long[shape.Length];
        int more = shape.Length - tensor.Shape.Length;
        if (more < 0) throw new TensorException($"[{string.Join(", ", tensor.Shape)}] does not expand to [{string.Join(", ", shape)}]");
        for (int d = more; d < shape.Length; d++)
        {
            long size = tensor.Shape[d - more];
            if (size != shape[d] && size != 1)
                throw new TensorException($"[{string.Join(", ", tensor.Shape)}] does not expand to [{string.Join(", ", shape)}]");
            strides[d] = size == shape[d] ? tensor.Strides[d - more] : 0;
        }
        return tensor.View(shape, strides);
    }

    public static HostTensor Permuted(HostTensor tensor, int[] order)
    {
        long[] strides = tensor.Strides.ToArray();
        return tensor.View([.. order.Select(d => tensor.Shape[d])], [.. order.Select(d => strides[d])]);
    }

    /// <summary>The last two dimensions exchanged.</summary>
    public static HostTensor Transposed(HostTensor tensor)
    {
        int rank = tensor.Shape.Length;
        return Permuted(tensor, [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2]);
    }

    public static HostTensor Reshaped(HostTensor tensor, long[] shape)
    {
        long count = 1;
        foreach (long size in shape) count *= size;
        if (count != tensor.Count) throw new TensorException($"[{string.Join(", ", tensor.Shape)}] cannot become [{string.Join(", ", shape)}]");
        using HostTensor packed = tensor.Packed();
        return packed.View(shape, HostTensor.RowMajor(shape));
    }

    private static HostTensor Copied(HostTensor tensor)
    {
        using HostTensor packed = tensor.Packed();
        HostTensor copy = HostTensor.Allocate(tensor.Type, tensor.Shape);
        copy.Assign(packed);
        return copy;
    }

    private static HostTensor Sliced(HostTensor tensor, int dimension, long start, long count, long step)
    {
        if (start < 0 || count < 0 || (count > 0 && start + (count - 1) * step >= tensor.Shape[dimension]))
            throw new TensorException($"{count} from {start} on lie outside a size of {tensor.Shape[dimension]}");
        long[] shape = [.. tensor.Shape], strides = tensor.Strides.ToArray();
        long offset = start * strides[dimension];
        shape[dimension] = count;
        strides[dimension] *= step;
        return tensor.View(shape, strides, offset);
    }

    private static HostTensor Selected(HostTensor tensor, int dimension, HostTensor index)
    {
        using HostTensor longs = HostMath.Convert(index, ScalarType.Long), packed = longs.Packed();
        long[] at = packed.Elements<long>().ToArray();
        if (at.Length == 0) return Sliced(tensor, dimension, 0, 0, 1);
        HostTensor[] parts = [.. at.Select(i => Sliced(tensor, dimension, i, 1, 1))];
        HostTensor joined = Joined(parts, dimension);
        foreach (HostTensor part in parts) part.Dispose();
        return joined;
    }

    private static HostTensor Gathered(HostTensor tensor, int dimension, HostTensor index)
    {
        using HostTensor packed = tensor.Packed(), longs = HostMath.Convert(index, ScalarType.Long), at = longs.Packed();
        HostTensor result = HostTensor.Allocate(tensor.Type, index.Shape);
        Func<int, double> read = HostMath.Reader(packed);
        long[] strides = HostTensor.RowMajor(index.Shape), from = HostTensor.RowMajor(tensor.Shape), indices = at.Elements<long>().ToArray();
        HostMath.Store(result, i =>
        {
            long source = 0;
            for (int d = 0; d < strides.Length; d++)
                source += (d == dimension ? indices[i] : i / strides[d] % index.Shape[d]) * from[d];
            return read((int)source);
        });
        return result;
    }

    private static HostTensor Joined(HostTensor[] parts, int dimension)
    {
        long[] shape = [.. parts[0].Shape];
        shape[dimension] = parts.Sum(part => part.Shape[dimension]);
        HostTensor result = HostTensor.Allocate(parts[0].Type, shape);
        long start = 0;
        foreach (HostTensor part in parts)
        {
            using HostTensor target = Sliced(result, dimension, start, part.Shape[dimension], 1);
            using HostTensor typed = HostMath.Convert(part, result.Type), packed = typed.Packed();
            if (!packed.Shape.AsSpan().SequenceEqual(target.Shape))
                throw new TensorException($"cat: [{string.Join(", ", part.Shape)}] does not fit [{string.Join(", ", parts[0].Shape)}]");
            target.Assign(packed);
            start += part.Shape[dimension];
        }
        return result;
    }

    private static HostTensor Triangle(HostTensor tensor, long diagonal, bool upper)
    {
        using HostTensor packed = tensor.Packed();
        HostTensor result = HostTensor.Allocate(tensor.Type, tensor.Shape);
        Func<int, double> read = HostMath.Reader(packed);
        int rows = (int)tensor.Shape[^2], columns = (int)tensor.Shape[^1];
        HostMath.Store(result, i =>
        {
            long distance = i % columns - i / columns % rows;
            return (upper ? distance >= diagonal : distance <= diagonal) ? read(i) : 0;
        });
        return result;
    }

    // Left, right, top, bottom: the last dimension comes first. The source of an index outside is another index, or -1 for the value.
    private static HostTensor Padded(HostTensor tensor, long[] padding, Func<long, long, long> source, double value)
    {
        HostTensor current = (HostTensor)tensor.Alias();
        for (int i = 0; i < padding.Length / 2; i++)
        {
            int dimension = tensor.Shape.Length - 1 - i;
            long before = padding[2 * i], after = padding[2 * i + 1], size = tensor.Shape[dimension];
            if (before == 0 && after == 0) continue;
            var parts = new List<HostTensor>();
            void Add(long index)
            {
                long from = source(index, size);
                if (from >= size || (from < 0 && from != -1)) throw new TensorException($"a size of {size} cannot be padded by {before} and {after}");
                if (from >= 0) parts.Add(Sliced(current, dimension, from, 1, 1));
                else
                {
                    long[] shape = [.. current.Shape];
                    shape[dimension] = 1;
                    HostTensor filled = HostTensor.Allocate(tensor.Type, shape);
                    HostMath.Store(filled, _ => value);
                    parts.Add(filled);
                }
            }
            for (long at = -before; at < 0; at++) Add(at);
            parts.Add(current);
            for (long at = size; at < size + after; at++) Add(at);
            current = Joined([.. parts], dimension);
        }
        return current;
    }

    private static long[] Resolve(HostTensor tensor, long[] shape)
    {
        int open = Array.IndexOf(shape, -1);
        if (open < 0) return shape;
        long others = 1;
        for (int i = 0; i < shape.Length; i++)
            if (i != open) others *= shape[i];
        long[] resolved = [.. shape];
        resolved[open] = others == 0 ? 0 : tensor.Count / others;
        return resolved;
    }

    private static IEnumerable<long> Starts(long size, long step)
    {
        for (long start = 0; start < size; start += step) yield return start;
    }

    private static long Bound(long index, long size) => Math.Clamp(index < 0 ? index + size : index, 0, size);

    private static long[] Inserted(long[] sizes, int at, long size) => [.. sizes[..at], size, .. sizes[at..]];

    private static long[] Without(long[] sizes, int at) => [.. sizes[..at], .. sizes[(at + 1)..]];
}
