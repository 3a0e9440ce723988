using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>How much a picture is one surface: the share of its variance that lies within blocks of an eighth of its sides.</summary>
internal static class Evenness
{
    private const int Blocks = 8;

    /// <summary>
    /// Near 1 for an even texture such as gravel or grass; near 0 for a scene of large light and dark parts, a ramp, a flat picture.
    /// </summary>
    /// <param name="image">Sides of 8 or more; what is left over of sides that aren't multiples of 8 is not looked at.</param>
    public static double Of(PlanarImage image)
    {
        int width = image.Width / Blocks, height = image.Height / Blocks;
        double within = 0, between = 0;
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<float> plane = image.Plane(channel);
            double sum = 0, squares = 0, squaresOfMeans = 0;
            for (int block = 0; block < Blocks * Blocks; block++)
            {
                double mean = 0;
                for (int y = 0; y < height; y++)
                {
                    int start = (block / Blocks * height + y) * image.Width + block % Blocks * width;
                    foreach (float value in plane.Slice(start, width))
                    {
                        mean += value;
                        squares += value * value;
                    }
                }
                mean /= width * height;
                sum += mean;
                squaresOfMeans += mean * mean;
            }
            double overall = sum / (Blocks * Blocks), ofMeans = squaresOfMeans / (Blocks * Blocks);
            within += squares / (Blocks * Blocks * width * height) - ofMeans;
            between += ofMeans - overall * overall;
        }
        // A flat picture has no texture that a shadow could be told by.
        return within / (within + between + FlatVariance);
    }

    // Of a standard deviation of two levels, in all three channels.
    private const double FlatVariance = 3 * (2 / 255.0) * (2 / 255.0);
}
