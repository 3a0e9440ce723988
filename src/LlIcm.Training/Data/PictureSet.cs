using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Files of one kind; nothing is read yet.</summary>
/// <param name="Name">What errors and reports call it.</param>
/// <param name="Entries">The samples, in the order of their names; at least one.</param>
/// <param name="Kind">What inputs suffer from; null where degradations are drawn.</param>
/// <param name="Masks">Masks to draw from; empty for none.</param>
/// <param name="Degradations">How the data set is degraded by convention; null where it has none.</param>
public sealed record PictureSet(
    string Name, IReadOnlyList<PictureEntry> Entries, Degradation? Kind, IReadOnlyList<string> Masks,
    DegradationOptions? Degradations)
{
    /// <summary>Pairs whose degradation is laid over the photographs; null: it is synthetic.</summary>
    public PictureSet? Transfer { get; init; }

    /// <summary>Whether the pictures already suffer from <see cref="Kind"/>, and no clean ones are known.</summary>
    public bool AsTheyAre { get; init; }

    /// <summary>Whether inputs are files.</summary>
    public bool IsPaired => Entries[0].Input is not null;

    /// <summary>The part of the pictures that is held out, or the others, by scene.</summary>
    /// <param name="parts">Into how many parts; the first is held out. 0 or 1: nothing is split.</param>
    /// <param name="heldOut">Whether the held out part is meant.</param>
    /// <exception cref="TrainingException">No picture is left.</exception>
    public PictureSet Split(int parts, bool heldOut)
    {
        if (parts < 2) return this;
        PictureEntry[] entries = [.. Entries.Where(each => SceneOf(each.Input ?? each.Target) % (uint)parts == 0 == heldOut)];
        return entries.Length > 0 ? this with { Entries = entries }
            : throw new TrainingException($"{Name}: of {Entries.Count} pictures none is {(heldOut ? "held out" : "left")}");
    }

    // Pictures of one scene carry its number: rain100h_029, rain100l_029. FNV-1a and a last mixing, which stay what they are.
    private static uint SceneOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string digits = string.Concat(name.Where(char.IsAsciiDigit));
        uint hash = 2166136261;
        foreach (char c in digits.Length > 0 ? digits : name) hash = (hash ^ c) * 16777619;
        hash = (hash ^ (hash >> 15)) * 0x2c1b3c6d;
        return hash ^ (hash >> 12);
    }
}
