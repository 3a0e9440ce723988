namespace LlIcm.Quality;

/// <summary>The files of a picture and its original.</summary>
/// <param name="Reference">The original's path.</param>
/// <param name="Distorted">The picture's path.</param>
public sealed record PathPair(string Reference, string Distorted);
