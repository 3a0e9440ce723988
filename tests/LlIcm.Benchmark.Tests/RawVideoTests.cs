using LlIcm.Imaging;

namespace LlIcm.Benchmark.Tests;

public sealed class RawVideoTests
{
    [Theory]
    [InlineData(255, 255, 255, 940, 512, 512)]
    [InlineData(0, 0, 0, 64, 512, 512)]
    // BT.709: Y' = .2126, Cb = -.1146, Cr = .5 of pure red.
    [InlineData(255, 0, 0, 250, 409, 960)]
    [InlineData(0, 0, 255, 127, 960, 471)]
    public void Colours_are_those_of_BT709_in_limited_range(int r, int g, int b, int y, int cb, int cr)
    {
        byte[] frame = new RawVideo(10, subsampled: false).FromPicture(new Picture(1, 1, [(byte)r, (byte)g, (byte)b]));
        Assert.Equal([y, cb, cr], [Word(frame, 0), Word(frame, 1), Word(frame, 2)]);
    }

    [Fact]
    public void Ten_bits_at_full_resolution_lose_at_most_a_level()
    {
        Picture picture = SweepFolder.Pattern(37, 23, 5);
        var video = new RawVideo(10, subsampled: false);
        byte[] frame = video.FromPicture(picture);
        Assert.Equal(37 * 23 * 3 * 2, frame.Length);
        Picture back = video.ToPicture(frame, 37, 23);
        Assert.InRange(picture.Rgb.Zip(back.Rgb, (a, b) => Math.Abs(a - b)).Max(), 0, 1);
    }

    [Fact]
    public void Half_resolution_keeps_smooth_colours_and_makes_sides_even()
    {
        byte[] rgb = new byte[3 * 33 * 21];
        for (int i = 0; i < 33 * 21; i++) (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(60 + 3 * (i % 33)), (byte)(50 + 4 * (i / 33)), 128);
        var video = new RawVideo(10, subsampled: true);
        byte[] frame = video.FromPicture(new Picture(33, 21, rgb));
        Assert.Equal(34 * 22 * 3 / 2 * 2, frame.Length);
        Picture back = video.ToPicture(frame, 33, 21);
        // Inside of a ramp interpolation is exact; where the border is repeated it is not.
        for (int y = 4; y < 17; y++)
            for (int x = 4; x < 29; x++)
                for (int c = 0; c < 3; c++) Assert.InRange(Math.Abs(rgb[3 * (y * 33 + x) + c] - back.Rgb[3 * (y * 33 + x) + c]), 0, 2);
        Assert.Throws<BenchmarkException>(() => video.ToPicture(frame.AsSpan(2), 33, 21));
    }

    [Fact]
    public void Eight_bits_take_a_byte_each()
    {
        Picture picture = SweepFolder.Pattern(16, 8, 5);
        var video = new RawVideo(8, subsampled: false);
        byte[] frame = video.FromPicture(picture);
        Assert.Equal(16 * 8 * 3, frame.Length);
        Assert.InRange(picture.Rgb.Zip(video.ToPicture(frame, 16, 8).Rgb, (a, b) => Math.Abs(a - b)).Max(), 0, 3);
    }

    private static int Word(byte[] frame, int sample) => frame[2 * sample] | frame[2 * sample + 1] << 8;
}
