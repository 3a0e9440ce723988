using System.Diagnostics;
using NetVips;

namespace LlIcm.Imaging.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-imaging-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_empty_file_is_named_as_such() => AssertRefused("it.png", [], "the file is empty");

    [Fact]
    public void Text_under_a_pictures_name_is_refused() =>
        AssertRefused("it.png", "Dear diary, today I was renamed.\n"u8.ToArray(), "not a picture of a known format");

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>")]
    [InlineData("%PDF-1.4\n")]
    [InlineData("push graphic-context\n")]
    [InlineData("BM is how this text begins, and it is no picture")]
    [InlineData("P8 1 1 255 0 0 0")]
    public void Formats_off_the_list_never_reach_a_decoder(string content) =>
        AssertRefused("it.jpg", System.Text.Encoding.Latin1.GetBytes(content), "not a picture of a known format");

    [Fact]
    public void A_missing_file_is_named()
    {
        PictureException e = Assert.Throws<PictureException>(() => PictureFile.Load(In("nowhere.png")));
        Assert.Equal($"{In("nowhere.png")}: no such file", e.Message);
    }

    [Fact]
    public void A_folder_is_no_picture()
    {
        PictureException e = Assert.Throws<PictureException>(() => PictureFile.Load(_folder));
        Assert.Equal($"{_folder}: is a folder, not a picture", e.Message);
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Tiff)]
    [InlineData(PictureFormat.Avif)]
    public void A_truncated_file_is_an_error_wherever_it_is_cut(PictureFormat format)
    {
        byte[] whole = PictureFile.Encode(TestPictures.Noise(40, 40), format);
        foreach (double share in (double[])[0.9, 0.6, 0.3, 0.05])
            AssertRefused("it", whole[..(int)(whole.Length * share)], "damaged or truncated");
    }

    [Fact]
    public void No_truncated_file_slips_through_when_many_are_read_at_once()
    {
        byte[] whole = PictureFile.Encode(TestPictures.Noise(40, 40), PictureFormat.Jpeg);
        byte[] cut = whole[..(whole.Length * 9 / 10)];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (int i = 0; i < 300; i++) Assert.Throws<PictureException>(() => PictureFile.Load(cut, "cut", new PictureLoadOptions()));
        });
    }

    [Fact]
    public void Nothing_but_a_signature_is_an_error()
    {
        AssertRefused("it.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "damaged or truncated PNG");
        AssertRefused("it.jpg", [0xFF, 0xD8, 0xFF], "damaged or truncated JPEG");
        AssertRefused("it.tif", "II*\0"u8.ToArray(), "damaged or truncated TIFF");
        AssertRefused("it.jxl", [0xFF, 0x0A], "damaged or truncated JPEG XL");
        AssertRefused("it.webp", "RIFF\u0010\0\0\0WEBPVP8 "u8.ToArray(), "damaged or truncated WebP");
        AssertRefused("it.avif", "\0\0\0\u0010ftypavif\0\0\0\0"u8.ToArray(), "damaged or truncated AVIF");
    }

    [Fact]
    public void A_bomb_is_refused_by_its_header()
    {
        // 100000 x 100000 pixels declared, and not one there: a decoder that started would say so instead.
        byte[] bomb = new PngWriter(100_000, 100_000, 8, PngWriter.Rgb).Rows(new byte[10]).End();
        AssertRefused("bomb.png", bomb, "100000x100000 is 10000000000 pixels: the limit is 268435456");
    }

    [Fact]
    public void Rows_of_gigabytes_are_refused_before_room_is_made_for_them()
    {
        byte[] bomb = new PngWriter(int.MaxValue, 1, 16, PngWriter.Rgba).Rows(new byte[10]).End();
        long before = Process.GetCurrentProcess().PeakWorkingSet64;
        AssertRefused("bomb.png", bomb, "2147483647x1 is more than 10000000 pixels a side");
        Assert.Throws<PictureException>(() => PictureFile.Identify(bomb, "bomb.png"));
        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64 - before, 0, 500L << 20);
    }

    [Fact]
    public void A_chunk_of_gigabytes_is_refused_before_room_is_made_for_it()
    {
        byte[] bomb = new PngWriter(1, 1, 8, PngWriter.Rgb)
            .Chunk("zTXt", "XML:com.adobe.xmp\0\0"u8).Rows([1, 2, 3]).End();
        bomb[bomb.AsSpan().IndexOf("zTXt"u8) - 4] = 0x50;
        AssertRefused("bomb.png", bomb, "damaged or truncated PNG (a chunk is longer than the file)");
    }

    [Fact]
    public void More_channels_than_a_picture_has_are_refused()
    {
        byte[] tiff = TestPictures.EncodeWith(TestPictures.Smooth(4, 4), "tiffsave_buffer", image =>
        {
            using Image twice = image.Bandjoin(image, image);
            return twice.Bandjoin(twice);
        });
        AssertRefused("many.tif", tiff, "18 channels: the limit is 16");
    }

    [Fact]
    public void The_pixel_limit_can_be_set()
    {
        byte[] file = PictureFile.Encode(TestPictures.Smooth(30, 20), PictureFormat.Png);

        Assert.Equal(30, PictureFile.Load(file, "it", new PictureLoadOptions { MaxPixels = 600 }).Width);
        PictureException e = Assert.Throws<PictureException>(
            () => PictureFile.Load(file, "it", new PictureLoadOptions { MaxPixels = 599 }));
        Assert.Equal("it: 30x20 is 600 pixels: the limit is 599", e.Message);
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Tiff)]
    [InlineData(PictureFormat.Avif)]
    public void Mutated_files_give_a_picture_or_one_line(PictureFormat format)
    {
        byte[] whole = PictureFile.Encode(TestPictures.Smooth(24, 24), format);
        var random = new Random(7);
        var options = new PictureLoadOptions { MaxPixels = 1 << 20, KeepMetadata = true };
        for (int round = 0; round < 200; round++)
        {
            byte[] wrong = (byte[])whole.Clone();
            for (int i = random.Next(1, 4); i > 0; i--) wrong[random.Next(wrong.Length)] = (byte)random.Next(256);
            try
            {
                Picture picture = PictureFile.Load(wrong, "it", options);
                Assert.InRange((long)picture.Width * picture.Height, 1, options.MaxPixels);
            }
            catch (PictureException e)
            {
                AssertOneLine(e.Message);
            }
        }
    }

    [Fact]
    public void An_unknown_extension_names_the_known_ones()
    {
        PictureException e = Assert.Throws<PictureException>(
            () => PictureFile.Save(TestPictures.Smooth(4, 4), In("it.xyz")));
        Assert.Equal(
            $"{In("it.xyz")}: pictures are not written as .xyz (known: .png .jpg .jpeg .webp .avif .tif .tiff)",
            e.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Saving_replaces_the_file_and_leaves_nothing_else()
    {
        File.WriteAllText(In("it.PNG"), "old");
        Picture picture = TestPictures.Noise(9, 7);

        PictureFile.Save(picture, In("it.PNG"));

        Assert.Equal(picture.Rgb, PictureFile.Load(In("it.PNG")).Rgb);
        Assert.Equal([In("it.PNG")], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named()
    {
        PictureException e = Assert.Throws<PictureException>(
            () => PictureFile.Save(TestPictures.Smooth(4, 4), In("no/such/it.png")));
        Assert.Equal($"{In("no/such/it.png")}: cannot be written: there is no folder {In("no/such")}", e.Message);
    }

    [Fact]
    public void A_folder_in_the_files_place_stays_and_nothing_is_left_beside_it()
    {
        Directory.CreateDirectory(In("it.png"));

        PictureException e = Assert.Throws<PictureException>(
            () => PictureFile.Save(TestPictures.Smooth(4, 4), In("it.png")));

        Assert.Equal($"{In("it.png")}: cannot be written: it is a folder", e.Message);
        Assert.Equal([In("it.png")], Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void What_a_format_cannot_hold_is_refused()
    {
        Picture wide = TestPictures.Plain(16384, 1, 1, 2, 3);
        PictureException e = Assert.Throws<PictureException>(() => PictureFile.Save(wide, In("wide.webp")));
        Assert.Equal($"{In("wide.webp")}: WebP holds at most 16383 pixels a side, not 16384x1", e.Message);

        var lossless = new PictureSaveOptions { Lossless = true };
        Assert.Throws<PictureException>(() => PictureFile.Encode(wide, PictureFormat.Jpeg, lossless));
        Assert.Throws<PictureException>(() => PictureFile.Encode(wide, PictureFormat.Avif, lossless));
        Assert.Throws<PictureException>(() => PictureFile.Encode(wide, PictureFormat.Heic));
        Assert.Throws<PictureException>(() => PictureFile.Encode(wide, PictureFormat.Jxl));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(101, null)]
    [InlineData(50, -1)]
    [InlineData(50, 10)]
    public void Options_out_of_range_are_refused(int quality, int? effort)
    {
        var options = new PictureSaveOptions { Quality = quality, Effort = effort };
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PictureFile.Encode(TestPictures.Smooth(4, 4), PictureFormat.Jpeg, options));
    }

    [Fact]
    public void A_picture_whose_arrays_do_not_fit_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Picture(0, 1, []));
        Assert.Throws<ArgumentException>(() => new Picture(2, 2, new byte[11]));
        Assert.Throws<ArgumentException>(() => new Picture(2, 2, new byte[12], new byte[3]));
    }

    private string In(string name) => Path.Combine(_folder, name);

    private void AssertRefused(string name, byte[] content, string expected)
    {
        string path = In(name);
        File.WriteAllBytes(path, content);
        PictureException e = Assert.Throws<PictureException>(() => PictureFile.Load(path));
        Assert.StartsWith($"{path}: ", e.Message);
        Assert.Contains(expected, e.Message);
        AssertOneLine(e.Message);
    }

    private static void AssertOneLine(string message)
    {
        Assert.DoesNotContain('\n', message);
        Assert.InRange(message.Length, 5, 400);
    }
}
