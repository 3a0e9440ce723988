using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm;

/// <summary>How a picture is restored.</summary>
public sealed record RestoreOptions
{
    /// <summary>What to repair; null recognises it.</summary>
    public RestorationTask? Task { get; init; }

    /// <summary>For inpainting: white (≥ 128) pixels are kept, black ones filled. Of the picture's size.</summary>
    public Picture? Mask { get; init; }

    /// <summary>Whether areas painted pure white are taken as holes.</summary>
    public bool FindPaintedHoles { get; init; }

    /// <summary>
    /// Whether the degradation's embedding guides the restorer; without it a zero takes its place, to see what it is good for.
    /// </summary>
    public bool Guided { get; init; } = true;

    /// <summary>Network evaluations; null for the preset's default.</summary>
    public int? Steps { get; init; }

    /// <summary>How the reverse process is walked; null for the preset's default.</summary>
    public SamplerKind? Sampler { get; init; }

    /// <summary>Seed of the noise: the same seed gives the same picture.</summary>
    public ulong Seed { get; init; }
}
