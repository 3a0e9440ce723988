namespace LlIcm.Container;

/// <summary>What can be told of a file without the model that wrote it.</summary>
/// <param name="Header">Sizes, model, quality.</param>
/// <param name="FileBytes">The file's length.</param>
/// <param name="HyperBytes">What the hyper latents take.</param>
/// <param name="LatentBytes">What the latents take.</param>
/// <param name="BoundaryBytes">What the list of boundary symbols takes.</param>
/// <param name="BoundaryCount">The number of boundary symbols.</param>
/// <param name="Segments">All segments, in order; the payloads are slices of the file.</param>
public sealed record LlicInfo(
    LlicHeader Header,
    long FileBytes,
    int HyperBytes,
    int LatentBytes,
    int BoundaryBytes,
    int BoundaryCount,
    IReadOnlyList<LlicSegment> Segments)
{
    /// <summary>The whole file's bits per pixel.</summary>
    public double BitsPerPixel => 8.0 * FileBytes / Header.Width / Header.Height;
}
