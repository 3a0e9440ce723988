using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Codecs.Mlic;

/// <summary>
/// Learned gains of the latents' channels for a set of rates, interpolated between them (Cui et al., CVPR 2021): one checkpoint
/// codes at every quality.
/// </summary>
public sealed class GainUnit : Module
{
    private readonly Tensor _gain, _inverse;
    private readonly IReadOnlyList<double> _lambdas;

    /// <summary>Gains for <paramref name="lambdas"/>, which start where rate theory puts them: the step goes with λ^-½.</summary>
    public GainUnit(int channels, IReadOnlyList<double> lambdas)
    {
        _lambdas = lambdas;
        Levels = lambdas.Count;
        var start = new float[Levels * channels];
        for (int i = 0; i < start.Length; i++) start[i] = (float)Math.Log(TheoreticalGain(lambdas[i / channels]));
        _gain = Parameter("log_gain", Tensor.From<float>(start, [Levels, channels]));
        _inverse = Parameter("log_inverse_gain", Tensor.From<float>(start.Select(each => -each).ToArray(), [Levels, channels]));
    }

    /// <summary>The number of trained rates; qualities run from 1 to this.</summary>
    public int Levels { get; }

    /// <summary>
    /// 1/Δ for coefficients of an orthonormal transform of values in [0, 1], where Δ minimises λ·255²·Δ²/36 − log₂ Δ, the cost of
    /// a coefficient a pixel at high rate.
    /// </summary>
    private static double TheoreticalGain(double lambda) => Math.Sqrt(255 * 255 * Math.Log(2) / 18 * lambda);

    /// <summary>Gains [B, C, 1, 1] at qualities [B].</summary>
    public Tensor Gain(Tensor quality) => Interpolate(_gain, quality);

    /// <summary>Inverse gains [B, C, 1, 1] at qualities [B].</summary>
    public Tensor InverseGain(Tensor quality) => Interpolate(_inverse, quality);

    /// <summary>The trade-off λ [B] that qualities [B] stand for: logarithmic between the trained ones.</summary>
    public Tensor Lambda(Tensor quality)
    {
        float[] logs = [.. _lambdas.Select(lambda => (float)Math.Log(lambda))];
        return Weights(quality).Matmul(Tensor.From<float>(logs, [Levels], quality.Device)).Exp();
    }

    private Tensor Interpolate(Tensor logs, Tensor quality)
    {
        Tensor mixed = Weights(quality).Matmul(logs).Exp();
        return mixed.Reshape(mixed.Size(0), mixed.Size(1), 1, 1);
    }

    // Hat functions around the levels: a product instead of a gather keeps it one differentiable line.
    private Tensor Weights(Tensor quality)
    {
        Tensor levels = Tensor.Arange(1, Levels + 1, device: quality.Device).Unsqueeze(0);
        return (1 - (quality.Unsqueeze(1) - levels).Abs()).Clamp(0, null);
    }
}
