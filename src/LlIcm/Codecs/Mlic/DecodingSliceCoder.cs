using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>Reads the symbols; at listed positions the table row follows the file, not this machine's rounding.</summary>
internal sealed class DecodingSliceCoder(
    ScaleIndexer indexer, CdfTable table, RansDecoder decoder, LatentSegment latents) : ISliceCoder
{
    private long _position;

    /// <summary>Changes the scales before they are used; for tests of robustness.</summary>
    public Action<float[]>? Disturb { get; init; }

    /// <summary>Sees each half's symbols, for tests.</summary>
    public Action<int[]>? Trace { get; init; }

    public bool NeedsLatents => true;

    public Tensor Code(int slice, bool anchors, Tensor scales, Tensor means)
    {
        var scale = new float[scales.ElementCount];
        scales.To(ScalarType.Float).CopyTo<float>(scale);
        Disturb?.Invoke(scale);
        var rows = new int[scale.Length];
        indexer.Find(scale, rows);
        foreach (BoundarySymbol listed in latents.BoundarySymbolsWithin(_position, rows.Length))
        {
            int at = (int)(listed.Position - _position);
            rows[at] = indexer.Resolve(scale[at], listed.Upper);
        }
        _position += rows.Length;
        var symbols = new int[scale.Length];
        decoder.Pop(symbols, rows, table);
        Trace?.Invoke(symbols);
        return Tensor.From<int>(symbols, scales.Shape).To(means.Device, means.Type) + means;
    }
}
