using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class JpegTests
{
    [Fact]
    public void Finest_tables_lose_next_to_nothing()
    {
        PlanarImage clean = Photographs.Make(50, 35), image = clean.Clone();
        Jpeg.Compress(image, 100, fullColour: true);
        Assert.True(Photographs.MeanSquare(image, clean) < 1.0 / (255 * 255));
    }

    [Fact]
    public void Lower_quality_loses_more()
    {
        PlanarImage clean = Photographs.Make(128, 96);
        double last = 0;
        foreach (int quality in new[] { 95, 60, 30, 10, 3 })
        {
            PlanarImage image = clean.Clone();
            Jpeg.Compress(image, quality);
            double loss = Photographs.MeanSquare(image, clean);
            Assert.True(loss > last, $"quality {quality}: {loss} after {last}");
            last = loss;
        }
    }

    [Fact]
    public void Even_area_of_a_block_stays_even()
    {
        PlanarImage image = new(24, 24);
        Array.Fill(image.Pixels, 128f / 255f);
        Jpeg.Compress(image, 20);
        Assert.All(image.Pixels, v => Assert.Equal(128f / 255f, v, 1e-4f));
    }

    [Fact]
    public void Coefficients_lie_on_the_grid_of_the_table()
    {
        // At the lowest quality every step is 255: the mean of a grey block is a multiple of 255 / 8 away from 128.
        PlanarImage image = Photographs.Make(16, 16);
        Array.Copy(image.Pixels, 0, image.Pixels, 256, 256);
        Array.Copy(image.Pixels, 0, image.Pixels, 512, 256);
        Jpeg.Compress(image, 1);
        double mean = 0;
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 8; x++) mean += image.Pixels[y * 16 + x] * 255.0 / 64;
        }
        double steps = (mean - 128) / (255.0 / 8);
        Assert.Equal(Math.Round(steps), steps, 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Impossible_quality_is_refused(int quality) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Jpeg.Compress(new PlanarImage(8, 8), quality));
}
