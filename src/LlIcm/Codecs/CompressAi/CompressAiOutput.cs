using LlIcm.Tensors;

namespace LlIcm.Codecs.CompressAi;

/// <summary>What one pass yields without coding.</summary>
/// <param name="Reconstruction">x̂ [B, 3, H, W], not clamped.</param>
/// <param name="LatentLikelihoods">[B, M, H/16, W/16].</param>
/// <param name="HyperLikelihoods">[B, N, H/64, W/64]; null for the factorised prior.</param>
public sealed record CompressAiOutput(Tensor Reconstruction, Tensor LatentLikelihoods, Tensor? HyperLikelihoods)
{
    /// <summary>Bits of each picture, [B].</summary>
    public Tensor Bits() => HyperLikelihoods is null
        ? -LatentLikelihoods.Log2().Sum([1, 2, 3])
        : -(LatentLikelihoods.Log2().Sum([1, 2, 3]) + HyperLikelihoods.Log2().Sum([1, 2, 3]));
}
