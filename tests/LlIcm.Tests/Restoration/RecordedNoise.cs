using LlIcm.Restoration;
using LlIcm.Tensors;

namespace LlIcm.Tests.Restoration;

/// <summary>The rows of a stored tensor [N, C, H, W], one a draw.</summary>
internal sealed class RecordedNoise(Tensor rows) : INoiseSource
{
    private int _next;

    public Tensor Next(ReadOnlySpan<long> shape, Device device) => rows.Select(0, _next++).Reshape(shape.ToArray());
}
