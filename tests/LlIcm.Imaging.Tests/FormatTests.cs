using ImageMagick;

namespace LlIcm.Imaging.Tests;

public sealed class FormatTests
{
    [Theory]
    [InlineData(PictureFormat.Png, false)]
    [InlineData(PictureFormat.Png, true)]
    [InlineData(PictureFormat.Tiff, false)]
    [InlineData(PictureFormat.Tiff, true)]
    public void A_lossless_format_gives_back_every_byte(PictureFormat format, bool alpha)
    {
        Picture noise = TestPictures.Noise(37, 23);
        var picture = new Picture(37, 23, noise.Rgb, alpha ? TestPictures.Noise(37, 23, 2).Rgb[..(37 * 23)] : null);

        Picture back = PictureFile.Load(PictureFile.Encode(picture, format), "it");

        Assert.Equal((37, 23), (back.Width, back.Height));
        Assert.Equal(picture.Rgb, back.Rgb);
        Assert.Equal(picture.Alpha, back.Alpha);
    }

    [Fact]
    public void Lossless_webp_gives_back_every_byte()
    {
        Picture picture = TestPictures.Noise(37, 23);

        Picture back = PictureFile.Load(
            PictureFile.Encode(picture, PictureFormat.WebP, new PictureSaveOptions { Lossless = true }), "it");

        Assert.Equal(picture.Rgb, back.Rgb);
    }

    [Fact]
    public void Lossless_webp_gives_back_every_visible_byte_beside_alpha()
    {
        Picture noise = TestPictures.Noise(37, 23);
        byte[] alpha = TestPictures.Noise(37, 23, 2).Rgb[..(37 * 23)];

        byte[] file = PictureFile.Encode(
            new Picture(37, 23, noise.Rgb, alpha), PictureFormat.WebP, new PictureSaveOptions { Lossless = true });
        Picture back = PictureFile.Load(file, "it");

        Assert.Equal(alpha, back.Alpha);
        Assert.All(
            Enumerable.Range(0, alpha.Length).Where(i => alpha[i] > 0),
            i => Assert.Equal(noise.Pixel(i % 37, i / 37), back.Pixel(i % 37, i / 37)));
    }

    [Theory]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    public void A_lossy_format_stays_close(PictureFormat format)
    {
        Picture picture = TestPictures.Smooth(96, 64);

        byte[] file = PictureFile.Encode(picture, format);
        Picture back = PictureFile.Load(file, "it");

        Assert.Equal(format, PictureFile.Identify(file, "it").Format);
        Assert.Equal((96, 64), (back.Width, back.Height));
        Assert.InRange(TestPictures.MeanDifference(picture.Rgb, back.Rgb), 0, 2.0);
    }

    [Theory]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    public void Lower_quality_makes_a_smaller_file_and_a_worse_picture(PictureFormat format)
    {
        Picture picture = TestPictures.Noise(64, 64);

        byte[] poor = PictureFile.Encode(picture, format, new PictureSaveOptions { Quality = 10 });
        byte[] fine = PictureFile.Encode(picture, format, new PictureSaveOptions { Quality = 95 });

        Assert.True(poor.Length < fine.Length / 2, $"{poor.Length} against {fine.Length} bytes");
        Assert.True(
            TestPictures.MeanDifference(picture.Rgb, PictureFile.Load(fine, "fine").Rgb)
            < TestPictures.MeanDifference(picture.Rgb, PictureFile.Load(poor, "poor").Rgb));
    }

    [Theory]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    public void Alpha_survives_a_lossy_format(PictureFormat format)
    {
        Picture picture = TestPictures.Smooth(96, 64, alpha: true);

        Picture back = PictureFile.Load(PictureFile.Encode(picture, format), "it");

        Assert.NotNull(back.Alpha);
        Assert.InRange(TestPictures.MeanDifference(picture.Alpha!, back.Alpha), 0, 2.0);
    }

    [Fact]
    public void Alpha_is_laid_on_white_where_jpeg_cannot_hold_it()
    {
        var picture = new Picture(16, 16, TestPictures.Plain(16, 16, 200, 0, 0).Rgb, new byte[256]);

        Picture back = PictureFile.Load(PictureFile.Encode(picture, PictureFormat.Jpeg), "it");

        Assert.Null(back.Alpha);
        TestPictures.AssertNear((255, 255, 255), back.Pixel(8, 8), 1);
    }

    [Fact]
    public void Chroma_subsampling_saves_bytes()
    {
        Picture picture = TestPictures.Noise(64, 64);

        int full = PictureFile.Encode(
            picture, PictureFormat.Jpeg, new PictureSaveOptions { Subsampling = ChromaSubsampling.Yuv444 }).Length;
        int half = PictureFile.Encode(
            picture, PictureFormat.Jpeg, new PictureSaveOptions { Subsampling = ChromaSubsampling.Yuv420 }).Length;

        Assert.True(half < 0.75 * full, $"{half} against {full} bytes");
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    public void A_progressive_file_reads_like_any_other(PictureFormat format)
    {
        Picture picture = TestPictures.Smooth(50, 40);

        byte[] plain = PictureFile.Encode(picture, format);
        byte[] progressive = PictureFile.Encode(picture, format, new PictureSaveOptions { Progressive = true });

        Assert.NotEqual(plain, progressive);
        Assert.Equal(PictureFile.Load(plain, "plain").Rgb, PictureFile.Load(progressive, "progressive").Rgb);
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Tiff)]
    [InlineData(PictureFormat.Avif)]
    public void One_pixel_is_a_picture(PictureFormat format)
    {
        Picture picture = TestPictures.Plain(1, 1, 120, 120, 120);

        Picture back = PictureFile.Load(PictureFile.Encode(picture, format), "it");

        Assert.Equal((1, 1), (back.Width, back.Height));
        TestPictures.AssertNear((120, 120, 120), back.Pixel(0, 0), 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Jpeg_xl_is_read(bool alpha)
    {
        Picture noise = TestPictures.Noise(40, 30);
        var picture = new Picture(40, 30, noise.Rgb, alpha ? TestPictures.Noise(40, 30, 2).Rgb[..1200] : null);
        byte[] file = TestPictures.Jxl(picture);

        Assert.Equal((PictureFormat.Jxl, 40, 30, alpha), About(PictureFile.Identify(file, "it")));
        Picture back = PictureFile.Load(file, "it");
        Assert.Equal(picture.Rgb, back.Rgb);
        Assert.Equal(picture.Alpha, back.Alpha);
    }

    // No library here writes HEIC: these files are TestPictures.Smooth(96, 64), by x265.
    [Theory]
    [InlineData("smooth.heic")]
    [InlineData("smooth-10bit.heic")]
    public void Heic_is_read(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name));

        Assert.Equal((PictureFormat.Heic, 96, 64, false), About(PictureFile.Identify(file, "it")));
        Picture back = PictureFile.Load(file, "it");
        Assert.InRange(TestPictures.MeanDifference(TestPictures.Smooth(96, 64).Rgb, back.Rgb), 0, 2.0);
    }

    [Theory]
    [InlineData(MagickFormat.Bmp, PictureFormat.Bmp)]
    [InlineData(MagickFormat.Bmp2, PictureFormat.Bmp)]
    [InlineData(MagickFormat.Bmp3, PictureFormat.Bmp)]
    [InlineData(MagickFormat.Ppm, PictureFormat.Ppm)]
    [InlineData(MagickFormat.Pam, PictureFormat.Ppm)]
    public void Plain_formats_give_back_every_byte(MagickFormat written, PictureFormat format)
    {
        Picture picture = TestPictures.Noise(37, 23);
        using MagickImage image = TestPictures.Magick(picture);
        byte[] file = image.ToByteArray(written);

        Assert.Equal((format, 37, 23, false), About(PictureFile.Identify(file, "it")));
        Assert.Equal(picture.Rgb, PictureFile.Load(file, "it").Rgb);
    }

    [Fact]
    public void Netpbm_is_read_as_text_in_grey_in_two_levels_and_in_sixteen_bits()
    {
        Assert.Equal([255, 0, 9, 7, 8, 255], Rgb("P3\n# a comment\n2 1\n255\n255 0 9  7 8 255\n"u8));
        Assert.Equal([0, 0, 0, 85, 85, 85, 255, 255, 255], Rgb("P2 3 1 3 0 1 3\n"u8));
        Assert.Equal([100, 100, 100, 200, 200, 200], Rgb([.. "P5 2 1 255\n"u8, 100, 200]));
        Assert.Equal([0, 0, 0, 255, 255, 255], Rgb("P1 2 1\n1 0\n"u8));
        Assert.Equal([128, 0, 255], Rgb([.. "P6 1 1 65535\n"u8, 0x80, 0x80, 0, 0, 0xFF, 0xFF]));

        static byte[] Rgb(ReadOnlySpan<byte> file) => PictureFile.Load(file, "it").Rgb;
    }

    [Fact]
    public void Gif_is_read_with_its_transparency()
    {
        byte[] gif = [.. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 10, 20, 30, 200, 210, 220,
            0x21, 0xF9, 4, 1, 0, 0, 1, 0, 0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0A, 0, 0x3B];

        Picture picture = PictureFile.Load(gif, "it");

        Assert.Equal(PictureFormat.Gif, PictureFile.Identify(gif, "it").Format);
        Assert.Equal((2, 1), (picture.Width, picture.Height));
        Assert.Equal((10, 20, 30), picture.Pixel(0, 0));
        Assert.Equal([255, 0], picture.Alpha!);
    }

    [Fact]
    public void Identify_reads_the_header()
    {
        byte[] file = PictureFile.Encode(TestPictures.Smooth(30, 20, alpha: true), PictureFormat.Png);

        PictureInfo info = PictureFile.Identify(file, "it");

        Assert.Equal(new PictureInfo(PictureFormat.Png, 30, 20, 4, 8, true, 1, false, false, false), info);
    }

    [Fact]
    public void Pictures_load_in_parallel()
    {
        Picture[] pictures = [.. Enumerable.Range(0, 8).Select(i => TestPictures.Noise(60 + i, 50, i))];
        byte[][] files = [.. pictures.Select(p => PictureFile.Encode(p, PictureFormat.Png))];

        Parallel.For(0, 64, i => Assert.Equal(pictures[i % 8].Rgb, PictureFile.Load(files[i % 8], "it").Rgb));
    }

    private static (PictureFormat Format, int Width, int Height, bool Alpha) About(PictureInfo info) =>
        (info.Format, info.Width, info.Height, info.HasAlpha);
}
