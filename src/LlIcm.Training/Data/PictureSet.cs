using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Files of one kind; nothing is read yet.</summary>
/// <param name="Name">What errors and reports call it.</param>
/// <param name="Entries">The samples, in the order of their names; at least one.</param>
/// <param name="Kind">What inputs suffer from; null where degradations are drawn.</param>
/// <param name="Masks">Masks to draw from; empty for none.</param>
/// <param name="Degradations">How the data set is degraded by convention; null where it has none.</param>
public sealed record PictureSet(
    string Name, IReadOnlyList<PictureEntry> Entries, DegradationKind? Kind, IReadOnlyList<string> Masks,
    DegradationOptions? Degradations)
{
    /// <summary>Whether inputs are files.</summary>
    public bool IsPaired => Entries[0].Input is not null;
}
