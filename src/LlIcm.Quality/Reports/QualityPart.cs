namespace LlIcm.Quality;

/// <summary>One of the things that a metric says beside its number.</summary>
/// <param name="Name">Its name: <c>0_1</c> (the score on that scale), <c>scene</c>, <c>scene_probability</c>, …</param>
/// <param name="Number">The number; null where it is a word.</param>
/// <param name="Text">The word; null where it is a number.</param>
public readonly record struct QualityPart(string Name, double? Number, string? Text = null);
