using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>A finished step of a sampler, for progress bars and previews.</summary>
/// <param name="Done">Steps done, from 1.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="State">The state after the step; valid during the call.</param>
public readonly record struct SamplerStep(int Done, int Total, Tensor State);
