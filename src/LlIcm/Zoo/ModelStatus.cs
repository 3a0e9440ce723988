namespace LlIcm.Zoo;

/// <summary>What the store has of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="File">The file that is there, or else the one to get.</param>
/// <param name="Path">Where it is, or where it is looked for.</param>
/// <param name="Present">Whether it is there, with all its shards.</param>
/// <param name="Size">Its length in bytes, shards included, if present; else what it should have, where known.</param>
/// <param name="Problem">What is wrong with it at first sight (length, missing shards), one line; or null.</param>
/// <param name="Sha256">
/// The hash it should have: the published one, or the one that was recorded when it came; null where neither is known.
/// </param>
public sealed record ModelStatus(
    PublishedModel Model, PublishedFile File, string Path, bool Present, long? Size, string? Problem,
    string? Sha256 = null);
