using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>A picture to judge, and its original for the metrics that need one.</summary>
/// <param name="Distorted">The picture.</param>
/// <param name="Reference">The original; null for no-reference metrics.</param>
public readonly record struct PicturePair(Picture Distorted, Picture? Reference = null);
