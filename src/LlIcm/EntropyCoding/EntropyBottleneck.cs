using LlIcm.Tensors;

namespace LlIcm.EntropyCoding;

/// <summary>
/// The factorised prior of Ballé et al. 2018 (appendix 6.1): one learned density a channel. Names are CompressAI 1.2.0's.
/// </summary>
public sealed class EntropyBottleneck : EntropyModel
{
    private const double TailMass = 1e-9;
    private const double InitialScale = 10;
    private static readonly long[] s_filters = [1, 3, 3, 3, 3, 1];

    private readonly long _channels;
    private readonly Tensor[] _matrices, _biases, _factors;
    private readonly Tensor _quantiles, _target;

    /// <summary>A prior over [B, C, H, W] latents.</summary>
    public EntropyBottleneck(long channels)
    {
        _channels = channels;
        int layers = s_filters.Length - 1;
        double scale = Math.Pow(InitialScale, 1.0 / layers);
        _matrices = new Tensor[layers];
        _biases = new Tensor[layers];
        _factors = new Tensor[layers - 1];
        for (int i = 0; i < layers; i++)
        {
            double start = Math.Log(Math.Exp(1 / scale / s_filters[i + 1]) - 1);
            _matrices[i] = Parameter($"_matrix{i}", Tensor.Full([channels, s_filters[i + 1], s_filters[i]], start));
            _biases[i] = Parameter($"_bias{i}", Tensor.Empty([channels, s_filters[i + 1], 1]).UniformInPlace(-0.5, 0.5));
            if (i < layers - 1) _factors[i] = Parameter($"_factor{i}", Tensor.Zeros([channels, s_filters[i + 1], 1]));
        }
        using var scope = new TensorScope();
        _quantiles = Parameter("quantiles", Tensor.From<float>([-10, 0, 10], [1, 1, 3]).Repeat(channels, 1, 1));
        float target = (float)Math.Log(2 / TailMass - 1);
        _target = Buffer("target", Tensor.From<float>([-target, 0, target], [3]));
        Child("likelihood_lower_bound", new StoredBound(LikelihoodBound));
    }

    /// <summary>The channels' medians, [1, C, 1, 1].</summary>
    public Tensor Medians => _quantiles.Narrow(2, 1, 1).Reshape(1, _channels, 1, 1);

    /// <summary>The quantiles, which the auxiliary loss trains; apart from every other parameter.</summary>
    public Tensor Quantiles => _quantiles;

    /// <summary>The table rows of values [B, C, H, W], in their order: a value's row is its channel.</summary>
    internal static int[] RowsOf(ReadOnlySpan<long> shape)
    {
        int area = checked((int)(shape[2] * shape[3]));
        var rows = new int[shape[0] * shape[1] * area];
        for (int i = 0; i < rows.Length; i++) rows[i] = i / area % (int)shape[1];
        return rows;
    }

    /// <summary>Likelihoods of quantised (or noisy) values [B, C, H, W].</summary>
    public Tensor Likelihood(Tensor values)
    {
        (long b, long h, long w) = (values.Size(0), values.Size(2), values.Size(3));
        Tensor flat = values.Permute(1, 0, 2, 3).Reshape(_channels, 1, -1);
        return LikelihoodByChannel(flat).Reshape(_channels, b, h, w).Permute(1, 0, 2, 3);
    }

    /// <summary>The loss that moves the quantiles to the tails and the median of the density.</summary>
    public Tensor AuxiliaryLoss()
    {
        Tensor logits = LogitsCumulative(_quantiles, frozen: true);
        return (logits - _target).Abs().Sum();
    }

    private Tensor LikelihoodByChannel(Tensor values)
    {
        Tensor lower = LogitsCumulative(values - 0.5, frozen: false);
        Tensor upper = LogitsCumulative(values + 0.5, frozen: false);
        // Differences of sigmoids are taken where they are far from 1, which keeps digits in the upper tail.
        Tensor sign = -(lower + upper).Detach().Sign();
        Tensor likelihood = ((sign * upper).Sigmoid() - (sign * lower).Sigmoid()).Abs();
        return likelihood.LowerBound(LikelihoodBound);
    }

    // [C, 1, N] → [C, 1, N]
    private Tensor LogitsCumulative(Tensor values, bool frozen)
    {
        Tensor logits = values;
        for (int i = 0; i < _matrices.Length; i++)
        {
            Tensor matrix = frozen ? _matrices[i].Detach() : _matrices[i];
            Tensor bias = frozen ? _biases[i].Detach() : _biases[i];
            logits = matrix.To(values.Type).Softplus().Matmul(logits) + bias.To(values.Type);
            if (i == _factors.Length) break;
            Tensor factor = frozen ? _factors[i].Detach() : _factors[i];
            logits = logits + factor.To(values.Type).Tanh() * logits.Tanh();
        }
        return logits;
    }

    private protected override (float[][] Pmfs, float[] Tails, int[] Offsets) Probabilities()
    {
        float[] quantiles = _quantiles.ToArray<float>();
        var minima = new int[_channels];
        var lengths = new int[_channels];
        var starts = new float[_channels];
        for (int c = 0; c < _channels; c++)
        {
            float median = quantiles[3 * c + 1];
            minima[c] = Math.Max((int)MathF.Ceiling(median - quantiles[3 * c]), 0);
            int maximum = Math.Max((int)MathF.Ceiling(quantiles[3 * c + 2] - median), 0);
            starts[c] = median - minima[c];
            lengths[c] = minima[c] + maximum + 1;
        }
        int width = lengths.Max();
        Tensor samples = Tensor.Arange(0, width).Reshape(1, 1, width) + Tensor.From<float>(starts, [_channels, 1, 1]);
        samples = samples.To(ScalarType.Double);
        Tensor lower = LogitsCumulative(samples - 0.5, frozen: true);
        Tensor upper = LogitsCumulative(samples + 0.5, frozen: true);
        Tensor sign = -(lower + upper).Sign();
        float[] pmf = ((sign * upper).Sigmoid() - (sign * lower).Sigmoid()).Abs().To(ScalarType.Float).ToArray<float>();
        // As in the reference, the upper tail is taken at the end of the longest row, for every row.
        float[] tails = (lower.Narrow(2, 0, 1).Sigmoid() + (-upper.Narrow(2, width - 1, 1)).Sigmoid()).To(ScalarType.Float).ToArray<float>();
        var pmfs = new float[_channels][];
        for (int c = 0; c < _channels; c++) pmfs[c] = pmf[(c * width)..(c * width + lengths[c])];
        return (pmfs, tails, minima.Select(each => -each).ToArray());
    }
}
