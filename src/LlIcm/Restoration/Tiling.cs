using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// Cuts a picture into overlapping tiles whose weights add up to 1 everywhere. In an overlap the outer quarters of both
/// tiles, which saw the cut, count nothing; between them the weights cross linearly.
/// </summary>
internal sealed class Tiling
{
    private readonly List<(long Start, long Length, float[] Weights)> _rows, _columns;

    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="size">Largest side of a tile, rounded up to the multiple; 0: one tile.</param>
    /// <param name="overlap">Rows and columns that neighbours share, rounded up likewise, at most half a tile.</param>
    /// <param name="multiple">Tiles start on multiples of this, so that a network's strides fall as in the whole
    /// picture.</param>
    public Tiling(long height, long width, int size, int overlap, int multiple)
    {
        if (size < 0 || overlap < 0) throw new ArgumentException("tile size and overlap cannot be negative");
        long Round(long value) => (value + multiple - 1) / multiple * multiple;
        long side = Round(size), shared = Math.Min(Round(overlap), side / 2 / multiple * multiple);
        _rows = Axis(height, side, shared, multiple);
        _columns = Axis(width, side, shared, multiple);
    }

    public int Count => _rows.Count * _columns.Count;

    /// <summary>Applies a function to each tile and blends the results.</summary>
    /// <param name="like">Shape of the result and the device.</param>
    /// <param name="function">From the tile's rows (start, length) and columns to its result, in single
    /// precision.</param>
    public Tensor Blend(Tensor like, Func<long, long, long, long, Tensor> function)
    {
        using var outer = new TensorScope();
        Tensor result = like.ZerosLike();
        foreach ((long top, long height, float[] rowWeights) in _rows)
            foreach ((long left, long width, float[] columnWeights) in _columns)
            {
                using var scope = new TensorScope();
                Tensor weights = Tensor.From<float>(rowWeights, [height, 1], like.Device)
                    * Tensor.From<float>(columnWeights, [width], like.Device);
                result.Narrow(2, top, height).Narrow(3, left, width)
                    .AddInPlace(function(top, height, left, width) * weights);
            }
        return outer.Keep(result);
    }

    private static List<(long, long, float[])> Axis(long length, long size, long overlap, int multiple)
    {
        if (size == 0 || length <= size) return [(0, length, [.. Enumerable.Repeat(1f, (int)length)])];
        var starts = new List<long>();
        for (long start = 0; start + overlap < length; start += size - overlap) starts.Add(start);
        // The last tile is a full one: it reaches back further than the others.
        starts[^1] = Math.Min(starts[^1], (length - size + multiple - 1) / multiple * multiple);

        // Which three tiles meet depends on the size: so weights are scaled to a sum of 1 instead of being made to have
        // it.
        var sums = new double[length];
        double[][] all = [.. starts.Select((start, i) => Trapezoid(
            Math.Min(size, length - start), i == 0 ? 0 : overlap, i == starts.Count - 1 ? 0 : overlap))];
        for (int i = 0; i < all.Length; i++)
            for (int at = 0; at < all[i].Length; at++) sums[starts[i] + at] += all[i][at];
        return [.. starts.Select((start, i) =>
            (start, (long)all[i].Length, all[i].Select((weight, at) => (float)(weight / sums[start + at])).ToArray()))];
    }

    /// <summary>On either side 0 for a quarter of the overlap, rising to 1 over the next two.</summary>
    private static double[] Trapezoid(long length, long before, long after)
    {
        double Ramp(long at, long overlap) => overlap == 0 ? 1 : Math.Clamp(((at + 0.5) / overlap - 0.25) * 2, 0, 1);
        var weights = new double[length];
        for (long at = 0; at < length; at++) weights[at] = Ramp(at, before) * Ramp(length - 1 - at, after);
        return weights;
    }
}
