using LlIcm.Imaging.Interop;

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

    [Fact]
    public void Jpeg_xl_is_read()
    {
        Picture picture = TestPictures.Noise(40, 30);
        byte[] file = TestPictures.EncodeWith(
            picture, "jxlsave_buffer", TestPictures.AsIs, op => op.Set("lossless", true));

        Assert.Equal(PictureFormat.Jxl, PictureFile.Identify(file, "it").Format);
        Assert.Equal(picture.Rgb, PictureFile.Load(file, "it").Rgb);
    }

    [Fact]
    public void Heic_is_read()
    {
        Picture picture = TestPictures.Smooth(96, 64);
        byte[] file = TestPictures.EncodeWith(
            picture, "heifsave_buffer", TestPictures.AsIs, op => op.Set("compression", "hevc").Set("Q", 95));

        Assert.Equal(PictureFormat.Heic, PictureFile.Identify(file, "it").Format);
        Assert.InRange(TestPictures.MeanDifference(picture.Rgb, PictureFile.Load(file, "it").Rgb), 0, 2.0);
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

    [Fact]
    public void A_missing_operation_is_an_error() =>
        Assert.Throws<VipsException>(() => VipsOperation.Create("no_such_operation"));
}
