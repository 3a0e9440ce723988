namespace LlIcm.EntropyCoding;

/// <summary>
/// Quantised cumulative frequencies for a set of distributions (rows), as the entropy models of CompressAI keep them in
/// <c>_quantized_cdf</c>, <c>_cdf_length</c> and <c>_offset</c>. Row r codes the symbols
/// <c>offset[r] … offset[r] + length[r] - 3</c>; its last frequency is the escape, through which any other symbol goes.
/// Immutable, safe to share between threads.
/// </summary>
public sealed class CdfTable
{
    /// <summary>The decoder finds a symbol from the top bits of its slot: 2^10 buckets of 64 slots a row.</summary>
    internal const int BucketBits = 10;

    internal const int BucketShift = Rans.Precision - BucketBits;

    /// <summary>Keeps positions of buckets within 32 bits; far more than any model has channels.</summary>
    private const int MaxRows = 1 << 16;

    private readonly Row[] _rows;
    private readonly uint[] _entries;
    private ushort[]? _buckets;

    /// <summary>Takes over the buffers of an entropy model.</summary>
    /// <param name="flatCdf">
    /// Row-major cumulative frequencies <c>[R, rowStride]</c>; a row is padded after its length.
    /// </param>
    /// <param name="rowStride">Entries from one row to the next.</param>
    /// <param name="cdfLengths">
    /// Used entries of each row, the leading 0 and the final 65536 included; at least 3.
    /// </param>
    /// <param name="offsets">The smallest symbol of each row.</param>
    /// <exception cref="EntropyCodingException">
    /// A row does not rise strictly from 0 to 65536, or sizes disagree.
    /// </exception>
    public CdfTable(
        ReadOnlySpan<int> flatCdf, int rowStride, ReadOnlySpan<int> cdfLengths, ReadOnlySpan<int> offsets)
    {
        if (cdfLengths.IsEmpty || flatCdf.IsEmpty)
        {
            throw new EntropyCodingException(
                "the table of cumulative frequencies is empty: the model was saved before its tables were computed");
        }

        if (cdfLengths.Length != offsets.Length || rowStride < 1
            || flatCdf.Length != (long)rowStride * cdfLengths.Length)
        {
            throw new EntropyCodingException(
                $"table sizes disagree: {flatCdf.Length} cumulative frequencies in rows of {rowStride}, "
                + $"{cdfLengths.Length} lengths, {offsets.Length} offsets");
        }

        if (cdfLengths.Length > MaxRows)
            throw new EntropyCodingException($"a table of {cdfLengths.Length} rows exceeds the limit of {MaxRows}");

        int entries = 0;
        for (int r = 0; r < cdfLengths.Length; r++)
        {
            if (cdfLengths[r] < 3 || cdfLengths[r] > rowStride)
                throw new EntropyCodingException($"table row {r}: length {cdfLengths[r]} is not within 3…{rowStride}");
            entries = checked(entries + cdfLengths[r] - 1);
        }

        _rows = new Row[cdfLengths.Length];
        _entries = new uint[entries];
        int first = 0;
        for (int r = 0; r < _rows.Length; r++)
        {
            if (offsets[r] is < -Rans.MaxOffset or > Rans.MaxOffset)
                throw new EntropyCodingException($"table row {r}: offset {offsets[r]} is out of range");
            int symbols = cdfLengths[r] - 1;
            Fill(r, flatCdf.Slice(r * rowStride, cdfLengths[r]), _entries.AsSpan(first, symbols));
            _rows[r] = new Row(first, symbols - 1, offsets[r]);
            first += symbols;
        }
    }

    /// <summary>The number of rows R.</summary>
    public int RowCount => _rows.Length;

    /// <summary>The rows, for the coders' loops.</summary>
    internal ReadOnlySpan<Row> Rows => _rows;

    /// <summary>
    /// One entry a symbol, rows back to back: start in the low half, frequency (1…65535) in the high half.
    /// </summary>
    internal ReadOnlySpan<uint> Entries => _entries;

    /// <summary>
    /// For each row and bucket the first symbol that reaches into the bucket. Built when first asked for.
    /// </summary>
    internal ReadOnlySpan<ushort> Buckets => _buckets ??= BuildBuckets();

    /// <summary>The smallest symbol that row <paramref name="row"/> codes without escape.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> - 1.</param>
    public int MinSymbol(int row) => _rows[row].Offset;

    /// <summary>The largest symbol that row <paramref name="row"/> codes without escape.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> - 1.</param>
    public int MaxSymbol(int row) => _rows[row].Offset + _rows[row].Escape - 1;

    /// <summary>The cumulative frequencies of a row, from 0 to 65536; the last interval is the escape's.</summary>
    /// <param name="row">0 … <see cref="RowCount"/> - 1.</param>
    public int[] Cumulative(int row) =>
        [.. _entries.AsSpan(_rows[row].First, _rows[row].Escape + 1).ToArray().Select(entry => (int)(entry & 0xFFFF)), Rans.Total];

    /// <summary>What a symbol costs in row <paramref name="row"/>, escape data included, in bits.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="row">0 … <see cref="RowCount"/> - 1.</param>
    public double Bits(int symbol, int row)
    {
        Row at = _rows[row];
        uint value = (uint)(symbol - at.Offset);
        bool escaped = value >= (uint)at.Escape;
        uint frequency = _entries[at.First + (escaped ? at.Escape : (int)value)] >> 16;
        int nibbles = escaped ? Escape.PayloadNibbles(Escape.RawValue(symbol, at)) + 1 : 0;
        return Rans.Precision - Math.Log2(frequency) + (nibbles * Rans.NibbleBits);
    }

    private static void Fill(int row, ReadOnlySpan<int> cdf, Span<uint> entries)
    {
        if (cdf[0] != 0 || cdf[^1] != Rans.Total)
        {
            throw new EntropyCodingException(
                $"table row {row}: runs from {cdf[0]} to {cdf[^1]} instead of 0 to {Rans.Total}");
        }

        for (int s = 0; s < entries.Length; s++)
        {
            // Together with the two ends this keeps every start and every frequency within 16 bits.
            if (cdf[s + 1] <= cdf[s])
                throw new EntropyCodingException($"table row {row}: does not rise at entry {s + 1}");
            entries[s] = (uint)cdf[s] | ((uint)(cdf[s + 1] - cdf[s]) << 16);
        }
    }

    private ushort[] BuildBuckets()
    {
        var buckets = new ushort[_rows.Length << BucketBits];
        for (int r = 0; r < _rows.Length; r++)
        {
            ReadOnlySpan<uint> entries = _entries.AsSpan(_rows[r].First, _rows[r].Escape + 1);
            int symbol = 0;
            for (int b = 0; b < 1 << BucketBits; b++)
            {
                int slot = b << BucketShift;
                while ((entries[symbol] & 0xFFFF) + (entries[symbol] >> 16) <= slot) symbol++;
                buckets[(r << BucketBits) + b] = (ushort)symbol;
            }
        }

        return buckets;
    }

    /// <summary>One row.</summary>
    /// <param name="First">Where the row's entries start.</param>
    /// <param name="Escape">The escape's position in the row, i.e. the number of symbols coded directly.</param>
    /// <param name="Offset">The smallest symbol.</param>
    internal readonly record struct Row(int First, int Escape, int Offset);
}
