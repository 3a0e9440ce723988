using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>Rounds, writes the symbols, and lists the decisions that another machine's rounding could turn.</summary>
internal sealed class EncodingSliceCoder(
    IReadOnlyList<Tensor> slices, ScaleIndexer indexer, CdfTable table, RansEncoder encoder, double epsilon) : ISliceCoder
{
    private readonly List<BoundarySymbol> _boundary = [];
    private long _position;

    /// <summary>The listed decisions.</summary>
    public IReadOnlyList<BoundarySymbol> Boundary => _boundary;

    /// <summary>Sees the symbols and table rows of each half; for tests.</summary>
    public Action<int[], int[]>? Trace { get; init; }

    public bool NeedsLatents => false;

    public Tensor Code(int slice, bool anchors, Tensor scales, Tensor means)
    {
        Tensor half = anchors ? Checkerboard.Anchors(slices[slice]) : Checkerboard.NonAnchors(slices[slice]);
        Tensor rounded = (half - means).Round();
        int[] symbols = rounded.To(ScalarType.Int).ToArray<int>();
        float[] scale = scales.ToArray<float>();
        var rows = new int[scale.Length];
        indexer.Find(scale, rows);
        if (epsilon > 0) indexer.ListBoundaries(scale, rows, epsilon, _position, _boundary);
        _position += rows.Length;
        encoder.Push(symbols, rows, table);
        Trace?.Invoke(symbols, rows);
        return rounded + means;
    }
}
