using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>Full-reference metrics: how far a picture is from its original.</summary>
/// <remarks>
/// The methods on <see cref="Picture"/> compute in double precision on 8-bit values and are the ones to report; those on
/// tensors compute in the tensors' type, can run on a GPU and carry gradients.
/// </remarks>
public static partial class FullReference
{
    private static void RequireSameSize(Picture reference, Picture distorted)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(distorted);
        if (reference.Width != distorted.Width || reference.Height != distorted.Height)
            throw new QualityException(
                $"the sizes differ: {reference.Width}x{reference.Height} and {distorted.Width}x{distorted.Height}");
    }
}
