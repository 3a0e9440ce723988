using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Vision;

namespace LlIcm.Training.Joint;

/// <summary>What stage 2 of the paper trains together.</summary>
/// <param name="Codec">The codec, of one rate or of many.</param>
/// <param name="Vision">CLIP, which stays frozen, and its controller.</param>
/// <param name="Words">Embeddings of the degradation words [words, E].</param>
/// <param name="Restorer">The denoiser, predicting noise or the clean picture.</param>
/// <param name="Process">The mean-reverting SDE that it denoises.</param>
public sealed record JointNetworks(
    MlicModel Codec, DaClipModel Vision, Tensor Words, ConditionalDenoiser Restorer, IrSde Process);
