using ImageMagick;

namespace LlIcm.Imaging.Tests;

/// <summary>Files of several pictures: the first one is read, and their number is known.</summary>
public sealed class ImagesInFileTests
{
    [Theory]
    [InlineData(MagickFormat.Gif)]
    [InlineData(MagickFormat.WebP)]
    [InlineData(MagickFormat.Tiff)]
    [InlineData(MagickFormat.Jxl)]
    public void Frames_and_pages_are_counted(MagickFormat format)
    {
        using var frames = new MagickImageCollection();
        for (int i = 0; i < 3; i++)
        {
            MagickImage frame = TestPictures.Magick(TestPictures.Noise(16, 16, i));
            frame.AnimationDelay = 10;
            frames.Add(frame);
        }
        AssertImages(3, frames.ToByteArray(format));
        using MagickImage single = TestPictures.Magick(TestPictures.Noise(16, 16));
        AssertImages(1, single.ToByteArray(format));
    }

    [Fact]
    public void Frames_of_a_png_are_counted() =>
        AssertImages(5, new PngWriter(1, 1, 8, PngWriter.Rgb).Chunk("acTL", [0, 0, 0, 5, 0, 0, 0, 0]).Rows([[1, 2, 3]]).End());

    [Fact]
    public void Pictures_behind_a_jpeg_are_counted_but_not_its_thumbnails()
    {
        byte[] jpeg = PictureFile.Encode(TestPictures.Smooth(16, 16), PictureFormat.Jpeg);
        AssertImages(1, jpeg);
        AssertImages(3, Metadata.WithMultiPicture(jpeg, 3));
        AssertImages(1, Metadata.WithMultiPicture(jpeg, 3, type: 0x010001));
        AssertImages(1, Metadata.WithMultiPicture(jpeg, 3, type: 0));
    }

    private static void AssertImages(int expected, byte[] file)
    {
        Assert.Equal(expected, PictureFile.Identify(file, "it").Images);
        Assert.Equal(expected, PictureFile.Load(file, "it").ImagesInFile);
    }
}
