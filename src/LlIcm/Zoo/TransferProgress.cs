namespace LlIcm.Zoo;

/// <summary>How far a file has come.</summary>
/// <param name="Name">The file.</param>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Total">Bytes in all, or null where the mirror does not say.</param>
public readonly record struct TransferProgress(string Name, long Done, long? Total);
