using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>What DA-CLIP's loss compares: embeddings [B, E] of length 1.</summary>
/// <param name="Content">The controlled image tower's.</param>
/// <param name="Caption">The captions'.</param>
/// <param name="Degradation">The controller's.</param>
/// <param name="DegradationText">The degradations' names'.</param>
/// <param name="LogitScale">A scalar: the factor that turns cosines into logits.</param>
public sealed record DaClipFeatures(
    Tensor Content, Tensor Caption, Tensor Degradation, Tensor DegradationText, Tensor LogitScale);
