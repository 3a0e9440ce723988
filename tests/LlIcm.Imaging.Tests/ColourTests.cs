using System.Buffers.Binary;
using System.IO.Compression;
using NetVips;

namespace LlIcm.Imaging.Tests;

public sealed class ColourTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Grey_of_any_depth_becomes_three_equal_channels(int bits)
    {
        int top = (1 << bits) - 1;
        int[] levels = [0, top / 3, top];
        int packed = levels.Select((v, i) => v << (24 - bits * (i + 1))).Sum();
        byte[] all = [(byte)(packed >> 16), (byte)(packed >> 8), (byte)packed];
        byte[] row = all[..((3 * bits + 7) / 8)];

        Picture picture = PictureFile.Load(new PngWriter(3, 1, (byte)bits, PngWriter.Grey).Rows(row).End(), "grey");

        Assert.Equal(levels.SelectMany(v => Enumerable.Repeat((byte)(255 * v / top), 3)), picture.Rgb);
        Assert.Null(picture.Alpha);
    }

    [Fact]
    public void Sixteen_bits_are_rounded_to_eight()
    {
        // 300/257 = 1.17, 33000/257 = 128.4, 65200/257 = 253.7, 400/257 = 1.56
        int[] values = [0, 300, 33000, 65200, 400, 65535];
        byte[] row = [.. values.SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];

        Picture picture = PictureFile.Load(new PngWriter(2, 1, 16, PngWriter.Rgb).Rows(row).End(), "deep");

        Assert.Equal([0, 1, 128, 254, 2, 255], picture.Rgb);
    }

    [Fact]
    public void Sixteen_bit_grey_with_alpha_keeps_both()
    {
        byte[] row = [0x80, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0x40, 0x40];

        Picture picture = PictureFile.Load(new PngWriter(2, 1, 16, PngWriter.GreyAlpha).Rows(row).End(), "deep");

        Assert.Equal([0x80, 0x80, 0x80, 0xFF, 0xFF, 0xFF], picture.Rgb);
        Assert.Equal([0xFF, 0x40], picture.Alpha!);
    }

    [Fact]
    public void A_palette_is_looked_up_and_its_transparency_kept()
    {
        byte[] png = new PngWriter(4, 1, 2, PngWriter.Palette)
            .Chunk("PLTE", [10, 20, 30, 40, 50, 60, 70, 80, 90])
            .Chunk("tRNS", [255, 0, 128])
            .Rows([0b00_01_10_00])
            .End();

        Picture picture = PictureFile.Load(png, "palette");

        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80, 90, 10, 20, 30], picture.Rgb);
        Assert.Equal([255, 0, 128, 255], picture.Alpha!);
    }

    [Fact]
    public void A_profile_with_red_and_blue_exchanged_exchanges_them()
    {
        byte[] profile = IccWriter.Profile(IccWriter.Blue, IccWriter.Green, IccWriter.Red, gamma: 2.2);
        byte[] png = new PngWriter(1, 1, 8, PngWriter.Rgb).Icc(profile).Rows([[200, 90, 30]]).End();

        Picture picture = PictureFile.Load(png, "exchanged");

        Assert.True(PictureFile.Identify(png, "exchanged").HasIccProfile);
        // The profile's gamma is 2.2; sRGB's curve is another in the dark.
        TestPictures.AssertNear((Srgb(30), Srgb(90), Srgb(200)), picture.Pixel(0, 0), 1);

        static byte Srgb(int gamma22)
        {
            double light = Math.Pow(gamma22 / 255.0, 2.2);
            double encoded = light <= 0.0031308 ? 12.92 * light : 1.055 * Math.Pow(light, 1 / 2.4) - 0.055;
            return (byte)Math.Round(255 * encoded);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void A_linear_profile_is_brought_to_the_curve_of_srgb(int bits)
    {
        // 0.2140 in linear light is 0.5 in sRGB.
        byte[] profile = IccWriter.Profile(IccWriter.Red, IccWriter.Green, IccWriter.Blue, gamma: 1);
        int value = (int)Math.Round(0.2140 * ((1 << bits) - 1));
        byte[] sample = bits == 8 ? [(byte)value] : [(byte)(value >> 8), (byte)value];
        byte[] png = new PngWriter(1, 1, (byte)bits, PngWriter.Rgb)
            .Icc(profile).Rows([[.. sample, .. sample, .. sample]]).End();

        Picture picture = PictureFile.Load(png, "linear");

        TestPictures.AssertNear((128, 128, 128), picture.Pixel(0, 0), 2);
    }

    [Fact]
    public void Alpha_is_no_business_of_the_profile()
    {
        byte[] profile = IccWriter.Profile(IccWriter.Red, IccWriter.Green, IccWriter.Blue, gamma: 1);
        byte[] png = new PngWriter(2, 1, 8, PngWriter.Rgba)
            .Icc(profile).Rows([[55, 55, 55, 77, 55, 55, 55, 200]]).End();

        Picture picture = PictureFile.Load(png, "linear");

        TestPictures.AssertNear((128, 128, 128), picture.Pixel(0, 0), 2);
        Assert.Equal([77, 200], picture.Alpha!);
    }

    [Fact]
    public void The_usual_srgb_profile_changes_nothing()
    {
        Picture picture = TestPictures.Noise(64, 64);
        byte[] png = TestPictures.EncodeWith(
            picture, "pngsave_buffer", TestPictures.AsIs, new VOption { { "profile", "srgb" } });

        Assert.True(PictureFile.Identify(png, "tagged").HasIccProfile);
        Assert.Equal(picture.Rgb, PictureFile.Load(png, "tagged").Rgb);
    }

    [Fact]
    public void Srgb_is_told_from_its_neighbours()
    {
        byte[] png = TestPictures.EncodeWith(
            TestPictures.Smooth(8, 8), "pngsave_buffer", TestPictures.AsIs, new VOption { { "profile", "srgb" } });
        byte[] p3 = TestPictures.EncodeWith(
            TestPictures.Smooth(8, 8), "pngsave_buffer", TestPictures.AsIs, new VOption { { "profile", "p3" } });

        Assert.True(IccProfile.IsSrgb(Profile(png)));
        Assert.False(IccProfile.IsSrgb(Profile(p3)));
        Assert.False(IccProfile.IsSrgb(IccWriter.Profile(IccWriter.Red, IccWriter.Green, IccWriter.Blue, 2.2)));
        Assert.False(IccProfile.IsSrgb(IccWriter.Profile(IccWriter.Blue, IccWriter.Green, IccWriter.Red, 2.2)));
        byte[] srgb = Profile(png);
        for (int length = 0; length < srgb.Length; length += 13) IccProfile.IsSrgb(srgb.AsSpan(0, length));
        for (int at = 0; at < 300; at++)
        {
            byte[] wrong = (byte[])srgb.Clone();
            wrong[at] = 0xFF;
            IccProfile.IsSrgb(wrong);
        }

        static byte[] Profile(byte[] file)
        {
            int name = file.AsSpan().IndexOf("iCCP"u8);
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(name - 4));
            ReadOnlySpan<byte> chunk = file.AsSpan(name + 4, length);
            using var packed = new MemoryStream(chunk[(chunk.IndexOf((byte)0) + 2)..].ToArray());
            using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
            using var all = new MemoryStream();
            zlib.CopyTo(all);
            return all.ToArray();
        }
    }

    [Fact]
    public void Display_p3_is_brought_to_srgb()
    {
        // Colours within sRGB, written in Display P3 and read back.
        Picture picture = TestPictures.Plain(16, 16, 180, 110, 90);
        byte[] png = TestPictures.EncodeWith(
            picture, "pngsave_buffer", image => image.IccTransform("p3", inputProfile: "srgb"));

        byte[] stored = TestPictures.EncodeWith(
            picture, "pngsave_buffer", image => image.IccTransform("p3", inputProfile: "srgb"), new VOption { { "keep", Enums.ForeignKeep.None } });
        Assert.NotEqual((180, 110, 90), PictureFile.Load(stored, "without profile").Pixel(3, 3));
        TestPictures.AssertNear((180, 110, 90), PictureFile.Load(png, "p3").Pixel(3, 3), 1);
    }

    [Fact]
    public void A_profile_for_other_colours_is_ignored()
    {
        byte[] profile = IccWriter.Profile(IccWriter.Blue, IccWriter.Green, IccWriter.Red, gamma: 1);
        Picture picture = TestPictures.Plain(16, 16, 90, 90, 90);
        byte[] jpeg = TestPictures.EncodeWith(
            picture, "jpegsave_buffer", image => image.Colourspace(Enums.Interpretation.Bw));
        int length = profile.Length + 2 + 14;
        byte[] tagged =
        [
            .. jpeg.AsSpan(0, 2), 0xFF, 0xE2, (byte)(length >> 8), (byte)length, .. "ICC_PROFILE\0"u8, 1, 1, .. profile,
            .. jpeg.AsSpan(2),
        ];

        Assert.True(PictureFile.Identify(tagged, "grey").HasIccProfile);
        TestPictures.AssertNear((90, 90, 90), PictureFile.Load(tagged, "grey").Pixel(3, 3), 1);
    }

    [Theory]
    [InlineData("jpegsave_buffer")]
    [InlineData("tiffsave_buffer")]
    public void Cmyk_comes_back_as_about_the_same_colour(string saver)
    {
        Picture picture = TestPictures.Plain(32, 32, 180, 120, 70);
        byte[] file = TestPictures.EncodeWith(
            picture,
            saver,
            image => image.Colourspace(Enums.Interpretation.Cmyk),
            new VOption { { "keep", Enums.ForeignKeep.None } });

        Assert.Equal(4, PictureFile.Identify(file, "cmyk").Channels);
        Assert.False(PictureFile.Identify(file, "cmyk").HasAlpha);
        Picture back = PictureFile.Load(file, "cmyk");
        Assert.Null(back.Alpha);
        TestPictures.AssertNear((180, 120, 70), back.Pixel(16, 16), 12);
    }

    [Fact]
    public void A_sixteen_bit_tiff_reads_like_its_eight_bit_twin()
    {
        Picture picture = TestPictures.Noise(20, 20);
        byte[] file = TestPictures.EncodeWith(
            picture, "tiffsave_buffer", image => image.Colourspace(Enums.Interpretation.Rgb16));

        Assert.Equal(16, PictureFile.Identify(file, "deep").BitsPerChannel);
        Assert.InRange(TestPictures.MeanDifference(picture.Rgb, PictureFile.Load(file, "deep").Rgb), 0, 0.51);
    }
}
