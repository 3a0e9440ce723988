using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class FieldTests
{
    [Theory]
    [InlineData(1, 9, 7)]
    [InlineData(3, 20, 5)]
    [InlineData(6, 4, 30)]
    [InlineData(2, 33, 17)]
    [InlineData(5, 1, 1)]
    public void Box_is_the_mean_of_the_square_with_extended_edges(int radius, int width, int height)
    {
        float[] field = new float[width * height];
        new Xoshiro256(1).FillNormal(field);
        float[] blurred = (float[])field.Clone();
        Field.Box(blurred, width, height, radius);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                for (int dy = -radius; dy <= radius; dy++)
                {
                    for (int dx = -radius; dx <= radius; dx++)
                        sum += field[Math.Clamp(y + dy, 0, height - 1) * width + Math.Clamp(x + dx, 0, width - 1)];
                }
                Assert.Equal(sum / ((2 * radius + 1) * (2 * radius + 1)), blurred[y * width + x], 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(1f)]
    [InlineData(2f)]
    [InlineData(5f)]
    public void Blur_has_about_the_deviation_asked_for(float sigma)
    {
        float[] field = new float[81 * 81];
        field[40 * 81 + 40] = 1f;
        Field.Blur(field, 81, 81, sigma);
        double sum = 0, square = 0;
        for (int i = 0; i < field.Length; i++)
        {
            sum += field[i];
            square += field[i] * Math.Pow(i % 81 - 40, 2);
        }
        Assert.Equal(1, sum, 1e-4);
        Assert.Equal(sigma, Math.Sqrt(square), 0.25 * sigma);
    }

    [Fact]
    public void Guided_field_follows_the_edge_of_the_guide()
    {
        const int size = 40;
        float[] guide = [.. Enumerable.Range(0, size * size).Select(i => i % size < size / 2 ? 0.1f : 0.9f)];
        float[] field = (float[])guide.Clone();
        Field.Blur(field, size, size, 4f);
        float blurred = field[size * 20 + 20] - field[size * 20 + 19];
        Field.Guide(field, guide, size, size, 6, 0.001f);
        Assert.True(field[size * 20 + 20] - field[size * 20 + 19] > 3 * blurred);
    }
}
