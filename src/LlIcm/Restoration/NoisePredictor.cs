using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>A network with its conditions bound, as a sampler sees it.</summary>
/// <param name="state">[B, C, H, W].</param>
/// <param name="time">0 … T in the steps the network was trained with; may be fractional.</param>
/// <returns>The noise in the state, of its shape.</returns>
public delegate Tensor NoisePredictor(Tensor state, double time);
