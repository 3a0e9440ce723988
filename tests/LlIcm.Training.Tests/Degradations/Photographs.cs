using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

/// <summary>
/// Pictures with what photographs have: smooth areas, edges, texture, colour; made up, so that no file is needed.
/// </summary>
internal static class Photographs
{
    public static PlanarImage Make(int width, int height, ulong seed = 1)
    {
        Xoshiro256 random = new(seed);
        PlanarImage image = new(width, height);
        for (int c = 0; c < 3; c++)
        {
            float[] noise = Field.Noise(random, width, height, Math.Max(4f, width / 3f), 5);
            for (int i = 0; i < noise.Length; i++)
            {
                float edge = i % width > width / 2 ? 0.2f : 0f;
                image.Pixels[c * noise.Length + i] = 0.15f + 0.5f * noise[i] + edge * (c == 1 ? 1f : 0.5f);
            }
        }
        return image.Quantise();
    }

    public static double MeanSquare(PlanarImage a, PlanarImage b) =>
        a.Pixels.Zip(b.Pixels, (x, y) => (double)(x - y) * (x - y)).Average();

    public static double Mean(PlanarImage image) => image.Pixels.Average(v => (double)v);
}
