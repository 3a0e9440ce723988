using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>Full-reference metrics: how far a picture is from its original.</summary>
/// <remarks>
/// The methods on <see cref="Picture"/> compute in double precision on 8-bit values and are the ones to report; those
/// on tensors compute in the tensors' type, can run on a GPU and carry gradients.
/// </remarks>
public static partial class FullReference
{
    /// <summary>
    /// The root mean square over R, G and B of the 8-bit differences at each pixel, [height · width], 0 – 255: what a
    /// heat map of the error shows.
    /// </summary>
    /// <exception cref="QualityException">The sizes differ.</exception>
    public static float[] ErrorMap(Picture reference, Picture distorted)
    {
        RequireSameSize(reference, distorted);
        var map = new float[reference.Width * reference.Height];
        for (int i = 0; i < map.Length; i++)
        {
            int sum = 0;
            for (int c = 0; c < 3; c++)
            {
                int difference = reference.Rgb[3 * i + c] - distorted.Rgb[3 * i + c];
                sum += difference * difference;
            }
            map[i] = MathF.Sqrt(sum / 3f);
        }
        return map;
    }

    private static void RequireSameSize(Picture reference, Picture distorted)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(distorted);
        if (reference.Width != distorted.Width || reference.Height != distorted.Height)
            throw new QualityException(
                $"the sizes differ: {reference.Width}x{reference.Height} and {distorted.Width}x{distorted.Height}");
    }
}
