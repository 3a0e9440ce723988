using LlIcm.EntropyCoding;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Layers;

/// <summary>
/// GDN: y_i = x_i / √(β_i + Σ_j γ_ij x_j²), or the product for the inverse (Ballé, Laparra, Simoncelli 2016). State-dict names
/// and the non-negative parametrisation are CompressAI's.
/// </summary>
public sealed class GeneralizedDivisiveNormalization : UnaryModule
{
    private const double ReparamOffset = 1.0 / (1L << 18);
    private const double Pedestal = ReparamOffset * ReparamOffset;
    private const double MinimalBeta = 1e-6;

    private readonly bool _inverse;
    private readonly long _channels;
    private readonly Tensor _beta, _gamma;

    /// <summary>GDN over a number of channels.</summary>
    /// <param name="channels">C of the [B, C, H, W] inputs.</param>
    /// <param name="inverse">IGDN.</param>
    public GeneralizedDivisiveNormalization(long channels, bool inverse = false)
    {
        (_channels, _inverse) = (channels, inverse);
        using var scope = new TensorScope();
        _beta = Parameter("beta", (Tensor.Ones([channels]) + Pedestal).Sqrt());
        Tensor difference = Tensor.Arange(0, channels).Unsqueeze(0) - Tensor.Arange(0, channels).Unsqueeze(1);
        _gamma = Parameter("gamma", (difference.EqualTo(0).To(ScalarType.Float) * 0.1 + Pedestal).Sqrt());
        Child("beta_reparam", new Reparametrisation(Math.Sqrt(MinimalBeta + Pedestal)));
        Child("gamma_reparam", new Reparametrisation(ReparamOffset));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        Tensor beta = _beta.LowerBound(Math.Sqrt(MinimalBeta + Pedestal)).Square() - Pedestal;
        Tensor gamma = (_gamma.LowerBound(ReparamOffset).Square() - Pedestal).Reshape(_channels, _channels, 1, 1);
        Tensor norm = input.Square().Conv2d(gamma, beta, padding: 0);
        return input * (_inverse ? norm.Sqrt() : norm.Rsqrt());
    }

    // The reference stores these constants; they are kept for its names and never read.
    private sealed class Reparametrisation : Module
    {
        public Reparametrisation(double bound)
        {
            Buffer("pedestal", Tensor.Full([1], Pedestal));
            Child("lower_bound", new StoredBound(bound));
        }
    }
}
