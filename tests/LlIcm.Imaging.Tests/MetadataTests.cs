using System.Text;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging.Tests;

public sealed class MetadataTests
{
    private static readonly PictureLoadOptions s_keep = new() { KeepMetadata = true };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public void Every_exif_orientation_is_applied(int orientation, bool sideways)
    {
        Picture stored = TestPictures.Smooth(48, 32);
        byte[] jpeg = Metadata.WithExif(
            PictureFile.Encode(stored, PictureFormat.Jpeg), Metadata.Exif(orientation, little: orientation % 2 == 0));

        Picture upright = PictureFile.Load(jpeg, "turned");
        PictureInfo info = PictureFile.Identify(jpeg, "turned");

        Assert.Equal(sideways ? (32, 48) : (48, 32), (upright.Width, upright.Height));
        Assert.Equal((upright.Width, upright.Height, orientation), (info.Width, info.Height, info.Orientation));
        // Where the stored picture's first pixel and the end of its first row belong, by the EXIF standard's table.
        ((int, int) first, (int, int) rowEnd) = orientation switch
        {
            1 => ((0, 0), (47, 0)),
            2 => ((47, 0), (0, 0)),
            3 => ((47, 31), (0, 31)),
            4 => ((0, 31), (47, 31)),
            5 => ((0, 0), (0, 47)),
            6 => ((31, 0), (31, 47)),
            7 => ((31, 47), (31, 0)),
            _ => ((0, 47), (0, 0)),
        };
        TestPictures.AssertNear(stored.Pixel(0, 0), upright.Pixel(first.Item1, first.Item2), 6);
        TestPictures.AssertNear(stored.Pixel(47, 0), upright.Pixel(rowEnd.Item1, rowEnd.Item2), 6);
    }

    [Fact]
    public void The_orientation_of_a_tiff_is_applied()
    {
        Picture stored = TestPictures.Smooth(48, 32);
        byte[] tiff = TestPictures.EncodeWith(
            stored, "tiffsave_buffer", image => image.Mutate(to => to.Set(GValue.GIntType, VipsField.Orientation, 8)));

        Picture upright = PictureFile.Load(tiff, "turned");

        Assert.Equal((32, 48), (upright.Width, upright.Height));
        Assert.Equal(stored.Pixel(0, 0), upright.Pixel(0, 47));
    }

    [Fact]
    public void Exif_does_not_turn_what_the_format_turns_itself()
    {
        // A JPEG XL container whose EXIF says 6 and whose codestream says upright: the codestream counts.
        Picture stored = TestPictures.Smooth(48, 32);
        byte[] bare = TestPictures.Jxl(stored);
        Assert.Equal([0xFF, 0x0A], bare[..2]);
        byte[] file =
        [
            .. Box("JXL ", [0x0D, 0x0A, 0x87, 0x0A]), .. Box("ftyp", "jxl \0\0\0\0jxl "u8),
            .. Box("Exif", [0, 0, 0, 0, .. Metadata.Exif(6)]), .. Box("jxlc", bare),
        ];

        Picture picture = PictureFile.Load(file, "it");

        Assert.Equal(PictureFormat.Jxl, PictureFile.Identify(file, "it").Format);
        Assert.Equal(stored.Rgb, picture.Rgb);

        static byte[] Box(string type, ReadOnlySpan<byte> content)
        {
            int size = content.Length + 8;
            return [0, 0, (byte)(size >> 8), (byte)size, .. Encoding.ASCII.GetBytes(type), .. content];
        }
    }

    [Fact]
    public void The_orientation_of_a_jpeg_xl_is_applied()
    {
        Picture stored = TestPictures.Smooth(48, 32);
        byte[] file = TestPictures.Jxl(stored, image => image.Orientation = ImageMagick.Orientation.LeftBottom);

        Picture upright = PictureFile.Load(file, "turned");

        Assert.Equal((32, 48), (upright.Width, upright.Height));
        Assert.Equal(stored.Pixel(0, 0), upright.Pixel(0, 47));
    }

    [Fact]
    public void Exif_in_avif_does_not_turn_the_picture()
    {
        // The library writes EXIF's orientation into the container as well; so it is written upright, and turned in the EXIF alone.
        byte[] file = TestPictures.EncodeWith(
            TestPictures.Smooth(48, 32), "heifsave_buffer",
            image => image.Mutate(to => to.Set(GValue.BlobType, VipsField.Exif, PictureMetadata.WithPrefix(Metadata.Exif(1)))),
            new VOption { { "compression", Enums.ForeignHeifCompression.Av1 } });
        int at = file.AsSpan().IndexOf("II*\0"u8);
        Assert.True(PictureMetadata.SetOrientation(file.AsSpan(at), 6), "the EXIF has no orientation");
        PictureInfo info = PictureFile.Identify(file, "it");

        Assert.True(info.HasExif);
        Assert.Equal((48, 32, 1), (info.Width, info.Height, info.Orientation));
        Assert.Equal(48, PictureFile.Load(file, "it").Width);
    }

    [Fact]
    public void Alpha_turns_with_the_colour()
    {
        byte[] png = new PngWriter(2, 1, 8, PngWriter.Rgba)
            .Chunk("eXIf", Metadata.Exif(6))
            .Rows([[10, 20, 30, 40, 50, 60, 70, 80]])
            .End();

        Picture picture = PictureFile.Load(png, "turned");

        Assert.Equal((1, 2), (picture.Width, picture.Height));
        Assert.Equal([10, 20, 30, 50, 60, 70], picture.Rgb);
        Assert.Equal([40, 80], picture.Alpha!);
    }

    [Fact]
    public void Metadata_is_dropped_unless_asked_for()
    {
        byte[] jpeg = PictureFile.Encode(TestPictures.Smooth(16, 16), PictureFormat.Jpeg);
        jpeg = Metadata.WithXmp(Metadata.WithExif(jpeg, Metadata.Exif(3)), Metadata.Xmp(3));

        Picture picture = PictureFile.Load(jpeg, "it");

        Assert.Null(picture.Exif);
        Assert.Null(picture.Xmp);
        PictureInfo info = PictureFile.Identify(PictureFile.Encode(picture, PictureFormat.Jpeg), "again");
        Assert.False(info.HasExif || info.HasXmp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kept_metadata_says_upright(bool little)
    {
        byte[] jpeg = PictureFile.Encode(TestPictures.Smooth(48, 32), PictureFormat.Jpeg);
        jpeg = Metadata.WithXmp(Metadata.WithExif(jpeg, Metadata.Exif(6, little)), Metadata.Xmp(6));

        Picture picture = PictureFile.Load(jpeg, "it", s_keep);

        Assert.Equal(Metadata.Exif(1, little), picture.Exif);
        Assert.Equal(Metadata.Xmp(1), picture.Xmp);
    }

    [Theory]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    public void Kept_metadata_is_written_and_the_picture_is_not_turned_twice(PictureFormat format)
    {
        byte[] jpeg = PictureFile.Encode(TestPictures.Smooth(48, 32), PictureFormat.Jpeg);
        jpeg = Metadata.WithXmp(Metadata.WithExif(jpeg, Metadata.Exif(6)), Metadata.Xmp(6));
        Picture first = PictureFile.Load(jpeg, "first", s_keep);

        byte[] written = PictureFile.Encode(first, format);
        Picture second = PictureFile.Load(written, "second", s_keep);

        Assert.Equal(1, PictureFile.Identify(written, "second").Orientation);
        Assert.Equal((32, 48), (second.Width, second.Height));
        Assert.True(Metadata.Contains(second.Exif, Metadata.Maker), "the maker's name is gone");
        Assert.True(Metadata.Contains(second.Xmp, "<tiff:Artist>Ré</tiff:Artist>"), "the XMP is gone");
    }

    [Fact]
    public void Xmp_is_kept_in_tiff()
    {
        Picture plain = TestPictures.Smooth(48, 32);
        var picture = new Picture(48, 32, plain.Rgb) { Xmp = Metadata.Xmp(1) };

        Picture back = PictureFile.Load(PictureFile.Encode(picture, PictureFormat.Tiff), "it", s_keep);

        Assert.Equal(Metadata.Xmp(1), back.Xmp);
    }

    [Fact]
    public void Exif_that_fits_no_file_is_refused()
    {
        Picture plain = TestPictures.Smooth(8, 8);
        var picture = new Picture(8, 8, plain.Rgb) { Exif = [.. Metadata.Exif(1), .. new byte[70_000]] };

        PictureException e = Assert.Throws<PictureException>(() => PictureFile.Encode(picture, PictureFormat.Jpeg));

        Assert.Contains("bytes of EXIF are more than", e.Message);
    }

    [Fact]
    public void Exif_of_nonsense_hurts_nobody()
    {
        byte[] jpeg = PictureFile.Encode(TestPictures.Smooth(16, 16), PictureFormat.Jpeg);
        byte[] exif = Metadata.Exif(6);
        for (int at = 0; at < exif.Length; at++)
        {
            byte[] wrong = (byte[])exif.Clone();
            wrong[at] = 0xFF;
            byte[] file = Metadata.WithExif(jpeg, wrong);
            Picture picture = PictureFile.Load(file, "it", s_keep);
            Assert.Equal(256, picture.Width * picture.Height);
            if (picture.Exif is null) continue;
            Assert.Equal(wrong.Length, picture.Exif.Length);
            Assert.Equal(16, PictureFile.Load(PictureFile.Encode(picture, PictureFormat.Jpeg), "again").Width);
        }
    }
}
