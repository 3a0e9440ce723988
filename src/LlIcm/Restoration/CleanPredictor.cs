using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>As <see cref="NoisePredictor"/>, for a network whose output is the clean picture.</summary>
/// <param name="state">[B, C, H, W].</param>
/// <param name="time">0 … T in the steps the network was trained with; may be fractional.</param>
/// <returns>The clean picture, of the state's shape.</returns>
public delegate Tensor CleanPredictor(Tensor state, double time);
