namespace LlIcm.Imaging.Tests;

public sealed class DrawingTests
{
    [Fact]
    public void Panels_stand_side_by_side_unchanged_under_their_labels()
    {
        Picture a = TestPictures.Noise(120, 80, 1);
        Picture b = TestPictures.Noise(120, 80, 2);

        Picture both = PictureDrawing.SideBySide([("left", a), ("right", b)]);

        (int ax, int ay) = Find(both, a);
        (int bx, int by) = Find(both, b);
        Assert.True(bx >= ax + 120, "the second is not to the right of the first");
        Assert.Equal(ay, by);
        Assert.True(Brightest(both, ax, 0, 120, ay) > 150, "no ink above the first");
        Assert.True(Brightest(both, bx, 0, 120, by) > 150, "no ink above the second");
    }

    [Fact]
    public void High_panels_are_scaled_down_and_others_are_not()
    {
        Picture high = TestPictures.Smooth(100, 400);
        Picture low = TestPictures.Noise(30, 20);

        Picture both = PictureDrawing.SideBySide([("", high), ("", low)], maxHeight: 200);

        Assert.InRange(both.Height, 200, 240);
        Assert.InRange(both.Width, 80, 120);
        Find(both, low);
    }

    [Fact]
    public void A_label_wider_than_its_picture_is_not_cut()
    {
        Picture dot = TestPictures.Plain(1, 1, 1, 2, 3);
        int shorter = PictureDrawing.SideBySide([("σ=50", dot)]).Width;
        int longer = PictureDrawing.SideBySide([("a label that is much longer than one pixel", dot)]).Width;
        Assert.True(longer > shorter + 100);
    }

    [Fact]
    public void The_font_draws_every_printable_character_differently()
    {
        string[] drawn = [.. Enumerable.Range('!', 94).Select(c => Convert.ToHexString(LabelText.Draw(((char)c).ToString(), 24).Ink))];
        Assert.Equal(94, drawn.Distinct().Count());
    }

    [Fact]
    public void The_font_that_comes_along_is_the_one_that_draws() =>
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "fonts", "Inter-Regular.ttf")));

    [Theory]
    [InlineData("plain")]
    [InlineData("a < b & c > d")]
    [InlineData("<b>no markup")]
    public void A_label_is_drawn_whatever_it_says(string text)
    {
        TextMask mask = LabelText.Draw(text, 20);
        Assert.InRange(mask.Height, 8, 40);
        Assert.True(mask.Width > mask.Height);
        Assert.Contains(mask.Ink, v => v > 200);
    }

    [Theory]
    [InlineData(17, 5)]
    [InlineData(1, 1)]
    [InlineData(200, 3)]
    public void Resizing_gives_exactly_the_size(int width, int height)
    {
        Picture picture = PictureDrawing.Resize(TestPictures.Smooth(64, 48, alpha: true), width, height);
        Assert.Equal((width, height), (picture.Width, picture.Height));
        Assert.NotNull(picture.Alpha);
    }

    [Fact]
    public void Resizing_keeps_plain_colour()
    {
        Picture picture = PictureDrawing.Resize(TestPictures.Plain(31, 17, 12, 130, 250), 9, 40);
        Assert.All(Enumerable.Range(0, 9 * 40), i => Assert.Equal((12, 130, 250), picture.Pixel(i % 9, i / 9)));
    }

    [Fact]
    public void What_is_transparent_does_not_bleed_when_resized()
    {
        // Red and opaque on the left, green and transparent on the right.
        byte[] rgb = [.. Enumerable.Range(0, 64).SelectMany(i => i % 8 < 4 ? new byte[] { 255, 0, 0 } : [0, 255, 0])];
        byte[] alpha = [.. Enumerable.Range(0, 64).Select(i => (byte)(i % 8 < 4 ? 255 : 0))];

        Picture half = PictureDrawing.Resize(new Picture(8, 8, rgb, alpha), 4, 4);

        Assert.All(
            Enumerable.Range(0, 16).Where(i => half.Alpha![i] > 8),
            i => TestPictures.AssertNear((255, 0, 0), half.Pixel(i % 4, i / 4), 2));
    }

    [Fact]
    public void Cropping_cuts_colour_and_alpha()
    {
        Picture picture = TestPictures.Smooth(20, 10, alpha: true);

        Picture part = PictureDrawing.Crop(picture, 3, 2, 5, 4);

        Assert.Equal((5, 4), (part.Width, part.Height));
        Assert.Equal(picture.Pixel(3, 2), part.Pixel(0, 0));
        Assert.Equal(picture.Pixel(7, 5), part.Pixel(4, 3));
        Assert.Equal(picture.Alpha![5 * 20 + 7], part.Alpha![3 * 5 + 4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => PictureDrawing.Crop(picture, 16, 0, 5, 1));
    }

    [Fact]
    public void A_heat_map_gets_lighter_with_the_value()
    {
        float[] values = [.. Enumerable.Range(-10, 121).Select(i => i / 100f)];

        Picture map = PictureDrawing.HeatMap(values, values.Length, 1, 0, 1);

        double[] light = [.. Enumerable.Range(0, values.Length).Select(i => Luma(map.Pixel(i, 0)))];
        Assert.All(Enumerable.Range(11, 99), i => Assert.True(light[i] > light[i - 1] - 0.7, $"darker at {values[i]}"));
        Assert.True(light[^1] - light[0] > 200);
        Assert.Equal(map.Pixel(0, 0), map.Pixel(10, 0));
        Assert.Equal(map.Pixel(110, 0), map.Pixel(120, 0));
    }

    [Fact]
    public void A_heat_map_paints_nan_grey()
    {
        Assert.Equal((128, 128, 128), PictureDrawing.HeatMap([float.NaN], 1, 1, 0, 1).Pixel(0, 0));
        Assert.Throws<ArgumentException>(() => PictureDrawing.HeatMap([1], 1, 1, 2, 2));
        Assert.Throws<ArgumentException>(() => PictureDrawing.HeatMap([1], 2, 1, 0, 1));
    }

    private static double Luma((byte R, byte G, byte B) p) => 0.2126 * p.R + 0.7152 * p.G + 0.0722 * p.B;

    private static (int X, int Y) Find(Picture canvas, Picture part)
    {
        ReadOnlySpan<byte> firstRow = part.Rgb.AsSpan(0, 3 * part.Width);
        int at = canvas.Rgb.AsSpan().IndexOf(firstRow);
        Assert.True(at >= 0, "the panel is not in the picture");
        (int y, int x) = Math.DivRem(at / 3, canvas.Width);
        Assert.Equal(part.Rgb, PictureDrawing.Crop(canvas, x, y, part.Width, part.Height).Rgb);
        return (x, y);
    }

    private static int Brightest(Picture picture, int x, int y, int width, int height) =>
        PictureDrawing.Crop(picture, x, y, width, height).Rgb.Max();
}
