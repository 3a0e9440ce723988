using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Restoration;

namespace LlIcm;

/// <summary>How a picture is restored.</summary>
public sealed record RestoreOptions
{
    /// <summary>What is to be repaired; null recognises it.</summary>
    public Degradation? Degradation { get; init; }

    /// <summary>For inpainting: white (≥ 128) pixels are kept, black ones filled. Of the picture's size.</summary>
    public Picture? Mask { get; init; }

    /// <summary>Whether the holes of <see cref="Mask"/> are filled already, as in what was decoded from a file that holds its mask: they are not filled again then.</summary>
    public bool HolesAreFilled { get; init; }

    /// <summary>Whether areas painted pure white are taken as holes; so they are, too, where <see cref="Degradation"/> says that parts are missing and there is no mask.</summary>
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

    /// <summary>The same with what a file says where they are silent: its degradation, and which pixels were missing.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="LlicFormatException">The file's mask is damaged.</exception>
    public RestoreOptions Completed(LlicFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        RestoreOptions own = this;
        if (Mask is null && file.DecodeHoles() is { } holes && Degradation is null or LlIcm.Degradation.Uncompleted)
            own = own with { Mask = HoleMask.ToPicture(holes, file.Header.Width, file.Header.Height), FindPaintedHoles = false, HolesAreFilled = true };
        return own.Degradation is null && own.Mask is null ? own with { Degradation = file.Header.Degradation } : own;
    }

    internal void Validate()
    {
        if (Degradation is { } given && (!Enum.IsDefined(given) || given == LlIcm.Degradation.Clean))
            throw new ArgumentOutOfRangeException(nameof(Degradation), given, "it is one of the ten degradations, or null");
        if (Sampler is { } sampler && !Enum.IsDefined(sampler)) throw new ArgumentOutOfRangeException(nameof(Sampler), sampler, "there is no such sampler");
        if (Steps is < 1) throw new ArgumentOutOfRangeException(nameof(Steps), Steps, "there is 1 step or more");
    }
}
