using LlIcm.Tensors;

namespace LlIcm.Training.Vision;

/// <summary>Two views of each photograph of a part of a batch, ready for the tower.</summary>
/// <param name="First">[B·3·S·S], row-major.</param>
/// <param name="Second">Other views of the same photographs, in the same order.</param>
/// <param name="Count">B.</param>
/// <param name="Size">S.</param>
public sealed record ViewPair(float[] First, float[] Second, int Count, int Size)
{
    /// <summary>The views as tensors [B, 3, S, S].</summary>
    public (Tensor First, Tensor Second) ToTensors(Device device) =>
        (Tensor.From<float>(First, [Count, 3, Size, Size], device), Tensor.From<float>(Second, [Count, 3, Size, Size], device));
}
