namespace LlIcm.Quality;

/// <summary>Pictures and their originals, matched by name.</summary>
/// <param name="Pairs">The pairs, in the order of the arguments, files of a folder sorted by name.</param>
/// <param name="Unmatched">Pictures that have no original.</param>
/// <param name="Unused">Originals of which there is no picture.</param>
public sealed record MatchedFolders(
    IReadOnlyList<PathPair> Pairs, IReadOnlyList<string> Unmatched, IReadOnlyList<string> Unused);
