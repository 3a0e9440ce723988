using LlIcm.Imaging;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Data;

public class CropWindowTests
{
    [Fact]
    public void Unscaled_crop_is_a_part_of_the_photograph()
    {
        // Every pixel of this photograph tells where it is.
        var options = new CropOptions { Size = 32, UnscaledChance = 1f, Flip = false };
        Xoshiro256 random = new(1);
        HashSet<(int, int)> places = [];
        for (int i = 0; i < 20; i++)
        {
            PlanarImage crop = Cut(Positions(200, 150), options, random);
            int left = (int)MathF.Round(crop.Plane(0)[0] * 255f), top = (int)MathF.Round(crop.Plane(1)[0] * 255f);
            Assert.Equal(left + 31, crop.Plane(0)[31] * 255f, 1e-3f);
            Assert.Equal(top + 31, crop.Plane(1)[31 * 32] * 255f, 1e-3f);
            places.Add((left, top));
        }
        Assert.True(places.Count > 15);
    }

    [Fact]
    public void Mirrored_and_turned_crops_show_all_eight_orientations()
    {
        var options = new CropOptions { Size = 40, UnscaledChance = 1f, Rotate = true };
        Xoshiro256 random = new(1);
        HashSet<(bool, bool, bool)> seen = [];
        for (int i = 0; i < 100; i++)
        {
            PlanarImage crop = Cut(Positions(40, 40), options, random);
            float xAcross = crop.Plane(0)[39] - crop.Plane(0)[0], xDown = crop.Plane(0)[39 * 40] - crop.Plane(0)[0];
            float yAcross = crop.Plane(1)[39] - crop.Plane(1)[0], yDown = crop.Plane(1)[39 * 40] - crop.Plane(1)[0];
            seen.Add((Math.Abs(xAcross) > Math.Abs(xDown), xAcross + xDown > 0, yAcross + yDown > 0));
        }
        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void Scaling_keeps_slopes_and_removes_what_is_too_fine()
    {
        Picture ramp = Positions(200, 200);
        PlanarImage half = Resampler.Crop(ramp, 20, 30, 100, 80, 50, 40);
        Assert.Equal((50, 40), (half.Width, half.Height));
        Assert.Equal(20 + 2 * 25 + 0.5f, half.Plane(0)[20 * 50 + 25] * 255f, 0.6f);
        Assert.Equal(30 + 2 * 20 + 0.5f, half.Plane(1)[20 * 50 + 25] * 255f, 0.6f);

        byte[] checks = new byte[3 * 64 * 64];
        for (int i = 0; i < 64 * 64; i++) checks.AsSpan(3 * i, 3).Fill((byte)((i % 64 + i / 64) % 2 * 255));
        PlanarImage grey = Resampler.Crop(new Picture(64, 64, checks), 0, 0, 64, 64, 32, 32);
        Assert.All(grey.Pixels, v => Assert.InRange(v, 0.44f, 0.56f));
    }

    [Fact]
    public void Photograph_smaller_than_the_crop_is_enlarged()
    {
        PlanarImage crop = Cut(Positions(20, 30), new CropOptions { Size = 48 }, new Xoshiro256(1));
        Assert.Equal((48, 48), (crop.Width, crop.Height));
    }

    [Fact]
    public void Scale_above_one_enlarges_a_smaller_part()
    {
        var options = new CropOptions { Size = 64, Scale = new Interval(2f, 2f), UnscaledChance = 0f, Flip = false };
        CropWindow window = CropWindow.Draw(200, 200, options, new Xoshiro256(1));
        Assert.Equal(32, window.Side);
        PlanarImage crop = window.Cut(Positions(200, 200), options.Size);
        Assert.Equal((64, 64), (crop.Width, crop.Height));
        // Half a level a pixel, away from the edges where the filter is cut.
        Assert.Equal(16f, (crop.Plane(0)[32 * 64 + 48] - crop.Plane(0)[32 * 64 + 16]) * 255f, 0.2f);
    }

    [Fact]
    public void Rectangle_outside_the_picture_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Crop(Positions(9, 9), 5, 0, 5, 5, 5, 5));

    private static PlanarImage Cut(Picture photo, CropOptions options, Xoshiro256 random) =>
        CropWindow.Draw(photo.Width, photo.Height, options, random).Cut(photo, options.Size);

    private static Picture Positions(int width, int height)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            rgb[3 * i] = (byte)(i % width);
            rgb[3 * i + 1] = (byte)(i / width);
        }
        return new Picture(width, height, rgb);
    }
}
