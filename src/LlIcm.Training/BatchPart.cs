using LlIcm.Tensors;

namespace LlIcm.Training;

/// <summary>
/// The samples of a step's batch that one pass computes: the whole batch, or a part of it where a process accumulates gradients
/// or shares the batch with others. Random draws are made for the whole batch and cut, so that the parts together do what
/// the whole would have done.
/// </summary>
/// <param name="First">Number of the first sample.</param>
/// <param name="Count">Samples in the part, at least 1.</param>
/// <param name="Total">Samples in the whole batch.</param>
public readonly record struct BatchPart(int First, int Count, int Total)
{
    /// <summary>The part's share of the batch, 0 … 1.</summary>
    public double Share => (double)Count / Total;

    /// <summary>Whether this is all of the batch.</summary>
    public bool IsWhole => Count == Total;

    /// <summary>All samples of a batch.</summary>
    public static BatchPart Whole(int total) => new(0, total, total);

    /// <summary>One of several parts that are as equal as can be.</summary>
    /// <param name="total">Samples in the whole batch, at least <paramref name="parts"/>.</param>
    /// <param name="parts">How many parts.</param>
    /// <param name="index">Which one, from 0.</param>
    public static BatchPart Of(int total, int parts, int index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, parts);
        int small = total / parts, larger = total % parts;
        return new BatchPart(index * small + Math.Min(index, larger), small + (index < larger ? 1 : 0), total);
    }

    /// <summary>Cuts what was drawn for the whole batch.</summary>
    public T[] Cut<T>(IEnumerable<T> whole) => [.. whole.Skip(First).Take(Count)];

    /// <summary>Cuts what was drawn for the whole batch.</summary>
    /// <param name="whole">A tensor of the whole batch.</param>
    /// <param name="dimension">The one along which samples lie.</param>
    /// <param name="perSample">Elements of a sample along it.</param>
    public Tensor Cut(Tensor whole, int dimension = 0, long perSample = 1) =>
        IsWhole ? whole : whole.Narrow(dimension, First * perSample, Count * perSample);

    /// <summary>Uniform on [0, 1), of a tensor's shape, type and device.</summary>
    /// <param name="part">A tensor of this part.</param>
    /// <param name="dimension">The one along which samples lie.</param>
    public Tensor RandLike(Tensor part, int dimension = 0) => Draw(part, dimension, whole => whole.RandLike());

    /// <summary>Standard normal, of a tensor's shape, type and device.</summary>
    /// <param name="part">A tensor of this part.</param>
    /// <param name="dimension">The one along which samples lie.</param>
    public Tensor RandnLike(Tensor part, int dimension = 0) => Draw(part, dimension, whole => whole.RandnLike());

    private Tensor Draw(Tensor part, int dimension, Func<Tensor, Tensor> draw)
    {
        if (IsWhole) return draw(part);
        long perSample = part.Size(dimension) / Count;
        long[] shape = part.Shape.ToArray();
        shape[dimension] = perSample * Total;
        return Cut(draw(Tensor.Empty(shape, part.Type, part.Device)), dimension, perSample);
    }
}
