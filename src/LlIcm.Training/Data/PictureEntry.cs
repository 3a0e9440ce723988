namespace LlIcm.Training.Data;

/// <summary>The files of one sample.</summary>
/// <param name="Target">The clean picture.</param>
/// <param name="Input">The degraded one; null where it is made.</param>
/// <param name="Mask">White kept, black missing; null for none.</param>
public sealed record PictureEntry(string Target, string? Input = null, string? Mask = null);
