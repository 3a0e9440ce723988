using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>Where a sampler's random numbers come from.</summary>
public interface INoiseSource
{
    /// <summary>The next standard normal numbers, in the shape that is asked for.</summary>
    /// <param name="shape">The state's shape [B, C, H, W].</param>
    /// <param name="device">Where the result is needed.</param>
    Tensor Next(ReadOnlySpan<long> shape, Device device);
}
