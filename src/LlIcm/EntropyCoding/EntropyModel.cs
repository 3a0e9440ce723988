using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.EntropyCoding;

/// <summary>
/// A probability model whose quantised tables drive the coder. The tables are stored with the weights; where a checkpoint has
/// none they are computed at first use, so they can't be forgotten.
/// </summary>
public abstract class EntropyModel : Module
{
    /// <summary>Likelihoods are kept above this, in loss and bits.</summary>
    public const double LikelihoodBound = 1e-9;

    private readonly Tensor _offset, _quantizedCdf, _cdfLength;
    private CdfTable? _table;

    /// <summary>Registers empty tables under CompressAI's names.</summary>
    private protected EntropyModel()
    {
        _offset = Buffer("_offset", Tensor.Empty([0], ScalarType.Int));
        _quantizedCdf = Buffer("_quantized_cdf", Tensor.Empty([0], ScalarType.Int));
        _cdfLength = Buffer("_cdf_length", Tensor.Empty([0], ScalarType.Int));
    }

    /// <summary>The coder's tables, as stored or last updated.</summary>
    /// <exception cref="EntropyCodingException">There are none yet, or they are unusable.</exception>
    public CdfTable Table
    {
        get
        {
            if (_table is not null) return _table;
            using var scope = new TensorScope();
            int[] cdf = _quantizedCdf.To(ScalarType.Int).ToArray<int>(), lengths = _cdfLength.ToArray<int>();
            int width = _quantizedCdf.Rank == 1 ? lengths.Append(0).Max() : (int)_quantizedCdf.Size(1);
            if (_quantizedCdf.Rank == 1) cdf = Unpack(cdf, lengths, width);
            return _table = new CdfTable(cdf, width, lengths, _offset.ToArray<int>());
        }
    }

    internal bool HasTable => _quantizedCdf.ElementCount > 0;

    /// <summary>Computes the tables from the parameters as they are now.</summary>
    public void Update()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        (int[][] rows, int[] offsets) = Rows();
        int width = rows.Max(row => row.Length);
        var table = new int[rows.Length * width];
        int[] lengths = [.. rows.Select(row => row.Length)];
        for (int row = 0; row < rows.Length; row++) rows[row].CopyTo(table, row * width);
        _quantizedCdf.ReplaceWith(Tensor.From<int>(table, [rows.Length, width]));
        _cdfLength.ReplaceWith(Tensor.From<int>(lengths, [lengths.Length]));
        _offset.ReplaceWith(Tensor.From<int>(offsets, [offsets.Length]));
        _table = null;
    }

    /// <summary>
    /// Makes the table small in a file: <c>_quantized_cdf</c> becomes one row after the other, without padding, in 16 bits
    /// (whose last 65536 is a 0).
    /// </summary>
    internal void PackTable()
    {
        if (_quantizedCdf.Rank == 1) return;
        using var scope = new TensorScope();
        int[] padded = _quantizedCdf.ToArray<int>(), lengths = _cdfLength.ToArray<int>();
        int width = (int)_quantizedCdf.Size(1);
        short[] packed = [.. lengths.SelectMany((length, row) => padded.AsSpan(row * width, length).ToArray()).Select(each => (short)each)];
        _quantizedCdf.ReplaceWith(Tensor.From<short>(packed, [packed.Length]));
    }

    /// <summary>Forgets computed tables, after the parameters or the stored tables have changed.</summary>
    public void Invalidate() => _table = null;

    /// <summary>Probabilities of each table row, the mass beyond them, and the first symbol of the row.</summary>
    // Cumulative frequencies by row, and each row's first symbol.
    private protected virtual (int[][] Rows, int[] Offsets) Rows()
    {
        (float[][] pmfs, float[] tails, int[] offsets) = Probabilities();
        return ([.. pmfs.Zip(tails, (pmf, tail) => PmfToCdf.Quantise([.. pmf, tail]))], offsets);
    }

    private protected abstract (float[][] Pmfs, float[] Tails, int[] Offsets) Probabilities();

    /// <inheritdoc/>
    protected override bool AcceptsResize(string name) => name is "_offset" or "_quantized_cdf" or "_cdf_length";

    private static int[] Unpack(int[] packed, int[] lengths, int width)
    {
        if (lengths.Any(length => length < 0) || lengths.Sum(length => (long)length) != packed.Length)
            throw new EntropyCodingException($"table sizes disagree: {packed.Length} cumulative frequencies in {lengths.Length} rows");
        var padded = new int[lengths.Length * width];
        int from = 0;
        for (int row = 0; row < lengths.Length; row++)
        {
            for (int i = 0; i < lengths[row]; i++) padded[row * width + i] = packed[from++] & 0xFFFF;
            if (lengths[row] > 0) padded[row * width + lengths[row] - 1] = 1 << 16;
        }
        return padded;
    }

    /// <summary>Half of the standard normal's complementary error function at −x/√2: Φ(x).</summary>
    private protected static Tensor StandardCumulative(Tensor input) => (input * -(1 / Math.Sqrt(2))).Erfc() * 0.5;
}
