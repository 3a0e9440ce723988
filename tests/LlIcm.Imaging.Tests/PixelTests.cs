namespace LlIcm.Imaging.Tests;

/// <summary>Pixels come from and go to other libraries as those have them.</summary>
public class PixelTests
{
    [Theory]
    [InlineData(PixelLayout.Rgb, new byte[] { 10, 20, 30 })]
    [InlineData(PixelLayout.Rgba, new byte[] { 10, 20, 30, 40 })]
    [InlineData(PixelLayout.Bgr, new byte[] { 30, 20, 10 })]
    [InlineData(PixelLayout.Bgra, new byte[] { 30, 20, 10, 40 })]
    [InlineData(PixelLayout.Grey, new byte[] { 18 })]
    public void Every_layout_with_rows_apart_goes_both_ways(PixelLayout layout, byte[] pixel)
    {
        int size = pixel.Length, stride = 2 * size + 5;
        byte[] pixels = [.. Enumerable.Repeat((byte)99, 2 * stride + 2 * size)];
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < 2; x++) pixel.CopyTo(pixels, y * stride + x * size);
        Picture picture = Picture.FromPixels(pixels, 2, 3, layout, stride);
        byte[] one = layout == PixelLayout.Grey ? [18, 18, 18] : [10, 20, 30];
        Assert.Equal(Enumerable.Repeat(one, 6).SelectMany(each => each), picture.Rgb);
        Assert.Equal(size == 4 ? Enumerable.Repeat((byte)40, 6) : null, picture.Alpha);
        byte[] back = [.. Enumerable.Repeat((byte)99, pixels.Length)];
        picture.CopyPixelsTo(back, layout, stride);
        Assert.Equal(pixels, back);
    }

    [Fact]
    public void What_is_opaque_everywhere_has_no_alpha()
    {
        Assert.Null(Picture.FromPixels([1, 2, 3, 255], 1, 1, PixelLayout.Rgba).Alpha);
        byte[] pixel = new byte[4];
        new Picture(1, 1, [1, 2, 3]).CopyPixelsTo(pixel, PixelLayout.Rgba);
        Assert.Equal([1, 2, 3, 255], pixel);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        Assert.Equal("pixels", Assert.Throws<ArgumentException>(() => Picture.FromPixels(new byte[11], 2, 2, PixelLayout.Rgb)).ParamName);
        Assert.Equal("stride", Assert.Throws<ArgumentOutOfRangeException>(() => Picture.FromPixels(new byte[12], 2, 2, PixelLayout.Rgb, 5)).ParamName);
        Assert.Equal("layout", Assert.Throws<ArgumentOutOfRangeException>(() => Picture.FromPixels(new byte[12], 2, 2, (PixelLayout)9)).ParamName);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => Picture.FromPixels([], 0, 2, PixelLayout.Rgb)).ParamName);
        Assert.Equal("pixels", Assert.Throws<ArgumentException>(() => new Picture(1, 1, [1, 2, 3]).CopyPixelsTo([], PixelLayout.Rgb)).ParamName);
    }

    [Fact]
    public void A_stream_holds_what_a_file_would()
    {
        Picture picture = TestPictures.Noise(24, 16);
        using var stream = new MemoryStream();
        PictureFile.Save(picture, stream, PictureFormat.Png);
        stream.Position = 0;
        Assert.Equal(picture.Rgb, PictureFile.Load(stream).Rgb);
        stream.SetLength(60);
        stream.Position = 0;
        Assert.Contains("camera", Assert.Throws<PictureException>(() => PictureFile.Load(stream, "camera")).Message, StringComparison.Ordinal);
    }
}
