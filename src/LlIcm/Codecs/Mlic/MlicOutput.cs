using LlIcm.Tensors;

namespace LlIcm.Codecs.Mlic;

/// <summary>What one pass through the codec yields without writing a file.</summary>
/// <param name="Reconstruction">x̂ [B, 3, H, W], not clamped.</param>
/// <param name="LatentLikelihoods">[B, M, H/16, W/16].</param>
/// <param name="HyperLikelihoods">[B, N, H/64, W/64].</param>
public sealed record MlicOutput(Tensor Reconstruction, Tensor LatentLikelihoods, Tensor HyperLikelihoods)
{
    /// <summary>Bits of each picture, [B]: the sum of −log₂ of its likelihoods.</summary>
    public Tensor Bits() => -(LatentLikelihoods.Log2().Sum([1, 2, 3]) + HyperLikelihoods.Log2().Sum([1, 2, 3]));
}
