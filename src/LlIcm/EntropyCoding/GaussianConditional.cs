using System.IO.Compression;
using LlIcm.Tensors;

namespace LlIcm.EntropyCoding;

/// <summary>
/// A Gaussian with predicted mean and scale for every latent, quantised to 64 scales for coding (Minnen et al. 2018). Names and
/// tables are CompressAI's.
/// </summary>
public sealed class GaussianConditional : EntropyModel
{
    /// <summary>The smallest scale, and the first table entry.</summary>
    public const double MinimalScale = 0.11;

    private const double MaximalScale = 256;
    private const int Levels = 64;
    private const double TailMass = 1e-9;

    private readonly Tensor _scaleTable;

    /// <summary>The model with the usual 64 scales, 0.11 … 256, logarithmically spaced.</summary>
    public GaussianConditional()
    {
        using var scope = new TensorScope();
        _scaleTable = Buffer("scale_table", Tensor.Linspace(Math.Log(MinimalScale), Math.Log(MaximalScale), Levels).Exp());
        Buffer("scale_bound", Tensor.Full([1], MinimalScale));
        Child("likelihood_lower_bound", new StoredBound(LikelihoodBound));
        Child("lower_bound_scale", new StoredBound(MinimalScale));
    }

    /// <summary>The scales of the table rows, ascending; row i codes scales in (entry i−1, entry i].</summary>
    public float[] ScaleTable
    {
        get
        {
            using var scope = new TensorScope();
            return _scaleTable.To(ScalarType.Float).ToArray<float>();
        }
    }

    /// <summary>Likelihood of quantised (or noisy) values under N(mean, scale²), integrated over unit intervals.</summary>
    public static Tensor Likelihood(Tensor values, Tensor scales, Tensor means)
    {
        Tensor bounded = scales.LowerBound(MinimalScale);
        Tensor distance = (values - means).Abs();
        Tensor upper = StandardCumulative((0.5 - distance) / bounded);
        Tensor lower = StandardCumulative((-0.5 - distance) / bounded);
        return (upper - lower).LowerBound(LikelihoodBound);
    }

    /// <inheritdoc/>
    protected override bool AcceptsResize(string name) => name is "scale_table" || base.AcceptsResize(name);

    // The published table of scales has one table of frequencies, which libtorch computed in single precision once: every machine has
    // the same.
    private protected override (int[][] Rows, int[] Offsets) Rows()
    {
        float[] scales = ScaleTable;
        double step = Math.Log(MaximalScale / MinimalScale) / (Levels - 1);
        bool published = scales.Length == Levels
            && scales.Index().All(each => Math.Abs(Math.Log(each.Item / MinimalScale) - each.Index * step) < 1e-5);
        return published ? Published() : base.Rows();
    }

    private static (int[][] Rows, int[] Offsets) Published()
    {
        using Stream resource = typeof(GaussianConditional).Assembly.GetManifestResourceStream("gaussian-table.zlib")!;
        using var reader = new BinaryReader(new ZLibStream(resource, CompressionMode.Decompress));
        var rows = new int[Levels][];
        var offsets = new int[Levels];
        for (int row = 0; row < Levels; row++)
        {
            // The length, then the frequencies; the last of them is for what lies outside.
            rows[row] = new int[reader.ReadUInt16()];
            for (int i = 1; i < rows[row].Length; i++) rows[row][i] = rows[row][i - 1] + reader.ReadUInt16();
            offsets[row] = -(rows[row].Length - 3) / 2;
        }
        return (rows, offsets);
    }

    private protected override (float[][] Pmfs, float[] Tails, int[] Offsets) Probabilities()
    {
        float multiplier = (float)UpperQuantile(TailMass / 2);
        float[] scales = ScaleTable;
        int[] centers = scales.Select(scale => (int)MathF.Ceiling(scale * multiplier)).ToArray();
        var pmfs = new float[scales.Length][];
        var tails = new float[scales.Length];
        for (int row = 0; row < scales.Length; row++)
        {
            int length = 2 * centers[row] + 1;
            Tensor distance = (Tensor.Arange(0, length, type: ScalarType.Double) - centers[row]).Abs();
            double scale = scales[row];
            Tensor upper = StandardCumulative((0.5 - distance) / scale);
            Tensor lower = StandardCumulative((-0.5 - distance) / scale);
            pmfs[row] = (upper - lower).To(ScalarType.Float).ToArray<float>();
            tails[row] = (float)(2 * lower.ToArray<double>()[0]);
        }
        return (pmfs, tails, centers.Select(center => -center).ToArray());
    }

    /// <summary>x with 1 − Φ(x) = p, by Newton's method on the tail.</summary>
    private static double UpperQuantile(double p)
    {
        double x = Math.Sqrt(-2 * Math.Log(p));
        for (int i = 0; i < 50; i++)
        {
            double density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
            double step = (UpperTail(x) - p) / density;
            x += step;
            if (Math.Abs(step) < 1e-15 * x) break;
        }
        return x;
    }

    // The continued fraction of Mills' ratio; converges quickly for the x > 2 it is used for.
    private static double UpperTail(double x)
    {
        double fraction = x;
        for (int k = 200; k >= 1; k--) fraction = x + k / fraction;
        return Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) / fraction;
    }
}
