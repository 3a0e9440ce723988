using LlIcm.TestSupport;

namespace LlIcm.Imaging.Tests;

/// <summary>Damaged pictures, profiles and headers; see <see cref="Fuzz"/>.</summary>
public sealed class PictureFuzzTests
{
    [Fact]
    public void Damaged_profiles_are_used_or_ignored()
    {
        byte[] icc = IccWriter.Profile(IccWriter.Red, IccWriter.Green, IccWriter.Blue, 2.2);
        Fuzz.Run(
            "icc", 600, [icc, RgbSpace.AdobeRgb.Profile(3), RgbSpace.AdobeRgb.Profile(1)],
            profile =>
            {
                _ = IccProfile.IsSrgb(profile);
                _ = IccProfile.Transfer(profile);
                foreach (int bands in (int[])[1, 3, 4]) _ = IccProfile.Fits(profile, bands);
                byte[] png = new PngWriter(2, 2, 8, PngWriter.Rgb).Icc(profile).Rows([new byte[6], new byte[6]]).End();
                Assert.Equal(2, PictureFile.Load(png, "it").Width);
            },
            typeof(PictureException));
    }

    [Fact]
    public void Damaged_headers_describe_something_or_nothing()
    {
        Picture picture = TestPictures.Smooth(8, 8, alpha: true);
        byte[] avif = HeifSurgery.WithCodePoints(HeifSurgery.WithPremultiplied(PictureFile.Encode(picture, PictureFormat.Avif)), 12, 13);
        byte[] tiff = new TiffWriter(8, 8, 3, 8, photometric: 8).Fractions(318, 0.3127, 0.3290)
            .Fractions(319, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06).Write(new byte[192]);
        byte[] png = new PngWriter(8, 8, 8, PngWriter.Rgb).Chunk("cICP", [12, 13, 0, 1]).Chunk("gAMA", [0, 1, 0, 0]).Chunk("cHRM", new byte[32])
            .Chunk("acTL", [0, 0, 0, 3, 0, 0, 0, 0]).Rows([.. Enumerable.Repeat(new byte[24], 8)]).End();
        byte[] heic = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "smooth.heic"));
        byte[] jpeg = Metadata.WithMultiPicture(PictureFile.Encode(picture, PictureFormat.Jpeg), 3);
        Fuzz.Run("headers", 20000, [avif, tiff, png, heic, jpeg, TestPictures.Jxl(picture)], data =>
        {
            foreach (PictureFormat format in Enum.GetValues<PictureFormat>())
                Assert.InRange(FileDescription.Of(format, data).Images, 1, int.MaxValue);
            _ = JxlHeader.Read(data);
            _ = TiffHeader.AsRgb(data);
        });
    }

    [Fact]
    public void Damaged_pictures_are_read_or_refused()
    {
        Picture picture = TestPictures.Smooth(24, 24, alpha: true);
        using ImageMagick.MagickImage magick = TestPictures.Magick(picture);
        byte[][] seeds =
        [
            .. ((PictureFormat[])[PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Tiff, PictureFormat.Avif])
                .Select(format => PictureFile.Encode(picture, format)),
            TestPictures.Jxl(picture), magick.ToByteArray(ImageMagick.MagickFormat.Bmp), magick.ToByteArray(ImageMagick.MagickFormat.Gif),
            magick.ToByteArray(ImageMagick.MagickFormat.Ppm), File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "smooth.heic")),
        ];
        var options = new PictureLoadOptions { MaxPixels = 1 << 18, KeepMetadata = true };
        Fuzz.Run("pictures", 600, seeds, data => _ = PictureFile.Load(data, "it", options), typeof(PictureException));
    }
}
