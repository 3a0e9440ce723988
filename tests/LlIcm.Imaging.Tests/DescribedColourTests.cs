using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging.Tests;

/// <summary>Colours that files describe by other means than an ICC profile, against values computed from the standards.</summary>
public sealed class DescribedColourTests
{
    private const int Side = 8;

    // Light enough, and grey enough, to lie within sRGB whatever the primaries.
    private static readonly byte[] s_rgb = [.. TestPictures.Noise(Side, Side, 5).Rgb.Select(v => (byte)(70 + v / 3))];

    public static TheoryData<int, int, int> CodePointMembers()
    {
        var members = new TheoryData<int, int, int>();
        foreach (int primaries in (int[])[1, 2, 4, 5, 6, 7, 9, 11, 12, 22])
            foreach (int transfer in (int[])[1, 2, 4, 5, 6, 8, 13, 14, 15])
                foreach (int bits in (int[])[8, 16]) members.Add(primaries, transfer, bits);
        return members;
    }

    [Theory]
    [MemberData(nameof(CodePointMembers))]
    public void Code_points_in_png_are_brought_to_srgb(int primaries, int transfer, int bits)
    {
        byte[] png = Png(bits).Chunk("cICP", [(byte)primaries, (byte)transfer, 0, 1]).Rows(Rows(bits)).End();
        // A profile that contradicts: the code points come first.
        byte[] both = Png(bits).Chunk("cICP", [(byte)primaries, (byte)transfer, 0, 1])
            .Icc(IccWriter.Profile(IccWriter.Blue, IccWriter.Red, IccWriter.Green, gamma: 1)).Rows(Rows(bits)).End();

        byte[] expected = Expected(primaries, transfer);

        AssertClose(expected, PictureFile.Load(png, "it").Rgb, 2);
        AssertClose(expected, PictureFile.Load(both, "it").Rgb, 2);
    }

    [Theory]
    [InlineData(12, 13)]
    [InlineData(9, 14)]
    [InlineData(9, 1)]
    [InlineData(1, 8)]
    [InlineData(1, 4)]
    public void Code_points_in_avif_are_brought_to_srgb(int primaries, int transfer)
    {
        byte[] file = Avif(alpha: false, primaries, transfer);
        byte[] plain = PictureFile.Load(Avif(alpha: false, 1, 13), "plain").Rgb;

        AssertClose(Converted(plain, primaries, transfer), PictureFile.Load(file, "it").Rgb, 2);
    }

    [Theory]
    [InlineData(16, "PQ")]
    [InlineData(18, "HLG")]
    public void High_dynamic_range_is_refused_with_a_line(int transfer, string name)
    {
        byte[] profile = RgbSpace.Srgb.Profile(3);
        byte[] tagged = WithCodePoints(profile, transfer);
        byte[][] files =
        [
            Png(8).Chunk("cICP", [9, (byte)transfer, 0, 1]).Rows(Rows(8)).End(), Avif(alpha: false, 9, transfer),
            Png(8).Icc(tagged).Rows(Rows(8)).End(),
        ];
        foreach (byte[] file in files)
        {
            PictureException e = Assert.Throws<PictureException>(() => PictureFile.Load(file, "it"));
            Assert.StartsWith($"it: high dynamic range ({name})", e.Message);
            Assert.Equal(Side, PictureFile.Identify(file, "it").Width);
        }
    }

    [Fact]
    public void Code_points_without_meaning_are_refused_with_a_line()
    {
        foreach ((byte primaries, byte transfer) in ((byte, byte)[])[(3, 13), (1, 3), (200, 200), (1, 9)])
        {
            byte[] png = Png(8).Chunk("cICP", [primaries, transfer, 0, 1]).Rows(Rows(8)).End();
            Assert.Contains("not converted to sRGB", Assert.Throws<PictureException>(() => PictureFile.Load(png, "it")).Message);
        }
    }

    [Theory]
    [InlineData(100000, 8)]
    [InlineData(100000, 16)]
    [InlineData(55556, 8)]
    [InlineData(55556, 16)]
    [InlineData(30000, 8)]
    public void Gamma_in_png_is_applied(int gamma, int bits)
    {
        byte[] expected = [.. s_rgb.Select(v => Encode(Math.Pow(v / 255.0, 100000.0 / gamma)))];
        AssertClose(expected, PictureFile.Load(Png(bits).Chunk("gAMA", Big(gamma)).Rows(Rows(bits)).End(), "it").Rgb, 1);

        byte[] grey = new PngWriter(3, 1, 8, PngWriter.Grey).Chunk("gAMA", Big(gamma)).Rows([[0, 90, 255]]).End();
        byte middle = Encode(Math.Pow(90 / 255.0, 100000.0 / gamma));
        AssertClose([0, 0, 0, middle, middle, middle, 255, 255, 255], PictureFile.Load(grey, "it").Rgb, 1);
    }

    [Fact]
    public void What_says_srgb_changes_nothing()
    {
        byte[] srgbPoints = [.. Big(31270), .. Big(32900), .. Big(64000), .. Big(33000), .. Big(30000), .. Big(60000), .. Big(15000), .. Big(6000)];
        byte[][] files =
        [
            Png(8).Chunk("gAMA", Big(45455)).Rows(Rows(8)).End(),
            Png(8).Chunk("gAMA", Big(45455)).Chunk("cHRM", srgbPoints).Rows(Rows(8)).End(),
            Png(8).Chunk("sRGB", [0]).Chunk("gAMA", Big(100000)).Rows(Rows(8)).End(),
            Png(8).Chunk("gAMA", Big(0)).Rows(Rows(8)).End(),
            Png(8).Chunk("cHRM", new byte[32]).Rows(Rows(8)).End(),
            Png(8).Chunk("cICP", [1, 13, 0, 1]).Rows(Rows(8)).End(),
            Png(8).Chunk("cICP", [2, 2, 0, 1]).Rows(Rows(8)).End(),
        ];
        Assert.All(files, file => Assert.Equal(s_rgb, PictureFile.Load(file, "it").Rgb));
    }

    [Fact]
    public void Primaries_in_png_and_tiff_are_applied()
    {
        byte[] points = [.. Big(31270), .. Big(32900), .. Big(68000), .. Big(32000), .. Big(26500), .. Big(69000), .. Big(15000), .. Big(6000)];
        byte[] expected = Expected(12, 13);
        AssertClose(expected, PictureFile.Load(Png(8).Chunk("cHRM", points).Rows(Rows(8)).End(), "it").Rgb, 2);

        byte[] tiff = new TiffWriter(Side, Side, 3, 8, photometric: 2)
            .Fractions(318, 0.3127, 0.3290).Fractions(319, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06).Write(s_rgb);
        AssertClose(expected, PictureFile.Load(tiff, "it").Rgb, 2);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(16, false)]
    [InlineData(8, true)]
    public void Premultiplied_colours_are_straightened(int bits, bool avif)
    {
        byte[] alpha = [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(64 + i * 3))];
        byte[] weighted = [.. s_rgb.Select((v, i) => (byte)Math.Round(v * alpha[i / 3] / 255.0))];
        byte[] rgba = PictureEncoder.Interleaved(new Picture(Side, Side, weighted, alpha));
        byte[] file = avif
            ? HeifSurgery.WithPremultiplied(Lossless(new Picture(Side, Side, weighted, alpha)))
            : new TiffWriter(Side, Side, 4, bits, photometric: 2).Shorts(338, 1).Write(bits == 8 ? rgba : Deep(rgba));

        Picture picture = PictureFile.Load(file, "it");

        AssertClose(s_rgb, picture.Rgb, avif ? 6 : 2);
        AssertClose(alpha, picture.Alpha!, 1);
    }

    [Theory]
    [InlineData(8, 8, false)]
    [InlineData(16, 8, false)]
    [InlineData(8, 9, false)]
    [InlineData(16, 9, false)]
    [InlineData(8, 8, true)]
    [InlineData(16, 9, true)]
    public void Cielab_is_brought_to_srgb(int bits, int photometric, bool alpha)
    {
        using Image image = VipsPixels.Over(s_rgb, Side, Side, 3);
        using Image lab = image.IccImport(pcs: Enums.PCS.Lab, intent: Enums.Intent.Relative, inputProfile: "srgb");
        float[] values = MemoryMarshal.Cast<byte, float>(VipsPixels.Samples(lab)).ToArray();
        var samples = new List<byte>();
        for (int i = 0; i < values.Length; i++)
        {
            double v = values[i];
            int code = (bits, photometric, i % 3) switch
            {
                (8, _, 0) => (int)Math.Round(v * 255 / 100),
                (16, 8, 0) => (int)Math.Round(v * 65535 / 100),
                (16, _, 0) => (int)Math.Round(v * 65280 / 100),
                (8, 8, _) => (int)Math.Round(v),
                (8, _, _) => (int)Math.Round(v) + 128,
                (_, 8, _) => (int)Math.Round(v * 256),
                _ => (int)Math.Round(v * 256) + 32768,
            };
            samples.AddRange(bits == 8 ? [(byte)code] : BitConverter.GetBytes((ushort)code));
            if (alpha && i % 3 == 2) samples.AddRange(bits == 8 ? [200] : BitConverter.GetBytes((ushort)(200 * 257)));
        }
        var writer = new TiffWriter(Side, Side, alpha ? 4 : 3, bits, photometric);
        if (alpha) writer.Shorts(338, 2);

        Picture picture = PictureFile.Load(writer.Write([.. samples]), "it");

        AssertClose(s_rgb, picture.Rgb, bits == 8 ? 6 : 1);
        if (alpha) Assert.All(picture.Alpha!, v => Assert.Equal(200, v));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    [InlineData(4)]
    public void Floating_point_samples_from_0_to_1_are_shares_of_white(int bands)
    {
        byte[] levels = [.. s_rgb.Concat(s_rgb).Take(Side * Side * bands)];
        byte[] samples = [.. levels.SelectMany(v => BitConverter.GetBytes(v / 255f))];
        var writer = new TiffWriter(Side, Side, bands, 32, photometric: bands == 1 ? 1 : 2) { SampleFormat = 3 };
        if (bands == 4) writer.Shorts(338, 2);

        Picture picture = PictureFile.Load(writer.Write(samples), "it");

        byte[] back = bands == 1 ? [.. picture.Rgb.Where((_, i) => i % 3 == 0)] : PictureEncoder.Interleaved(picture);
        AssertClose(levels, back, 0);
    }

    [Fact]
    public void A_profile_is_applied_to_floating_point_samples()
    {
        byte[] linear = new RgbSpace(Chromaticities.Srgb, new ToneCurve(1)).Profile(3);
        byte[] samples = [.. s_rgb.SelectMany(v => BitConverter.GetBytes((float)Light(v / 255.0, 13)))];
        byte[] tiff = new TiffWriter(Side, Side, 3, 32, photometric: 2) { SampleFormat = 3 }.Bytes(34675, linear).Write(samples);
        AssertClose(s_rgb, PictureFile.Load(tiff, "it").Rgb, 1);
    }

    [Theory]
    [InlineData(255f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Floating_point_samples_beyond_are_refused_with_a_line(float value)
    {
        byte[] samples = [.. Enumerable.Range(0, 64).SelectMany(i => BitConverter.GetBytes(i == 40 ? value : 0.5f))];
        byte[] tiff = new TiffWriter(Side, Side, 1, 32, photometric: 1) { SampleFormat = 3 }.Write(samples);
        Assert.Contains("floating-point sample", Assert.Throws<PictureException>(() => PictureFile.Load(tiff, "it")).Message);
    }

    [Fact]
    public void Whole_numbers_of_32_bits_are_shares_of_white_and_signed_ones_are_refused()
    {
        byte[] samples = [.. s_rgb.SelectMany(v => BitConverter.GetBytes(v * 16843009u))];
        AssertClose(s_rgb, PictureFile.Load(new TiffWriter(Side, Side, 3, 32, photometric: 2).Write(samples), "it").Rgb, 0);

        byte[] signed = new TiffWriter(Side, Side, 3, 16, photometric: 2) { SampleFormat = 2 }.Write(Deep(s_rgb));
        Assert.Contains("are not read", Assert.Throws<PictureException>(() => PictureFile.Load(signed, "it")).Message);
    }

    public static TheoryData<string, bool> TwinMembers()
    {
        var members = new TheoryData<string, bool>();
        foreach (string space in (string[])["p3", "adobe", "bt2020", "wide gamma 1.8", "linear", "p3 of lcms"])
            foreach (bool tiff in (bool[])[false, true]) members.Add(space, tiff);
        return members;
    }

    [Theory]
    [MemberData(nameof(TwinMembers))]
    public void Sixteen_bits_with_a_wide_profile_equal_their_eight_bit_twin(string space, bool tiff)
    {
        // All levels, so also colours far outside of sRGB.
        byte[] levels = TestPictures.Noise(64, 64, 9).Rgb;
        byte[] profile = space switch
        {
            "p3" => new RgbSpace(Chromaticities.Of(12)!.Value, ToneCurve.Srgb).Profile(3),
            "adobe" => RgbSpace.AdobeRgb.Profile(3),
            "bt2020" => new RgbSpace(Chromaticities.Of(9)!.Value, ToneCurve.Bt709).Profile(3),
            "wide gamma 1.8" => new RgbSpace(new(0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001, 0.3457, 0.3585), new ToneCurve(1.8)).Profile(3),
            "linear" => new RgbSpace(Chromaticities.Of(9)!.Value, new ToneCurve(1)).Profile(3),
            _ => IccWriter.Profile([0.5151, 0.2412, -0.0011], [0.2919, 0.6922, 0.0419], [0.1572, 0.0666, 0.7841], 2.2),
        };

        byte[] eight = PictureFile.Load(File(8), "eight").Rgb, sixteen = PictureFile.Load(File(16), "sixteen").Rgb;

        Assert.True(TestPictures.MeanDifference(levels, eight) > 1, "the profile was not applied");
        AssertClose(eight, sixteen, 2);

        byte[] File(int bits) => tiff
            ? new TiffWriter(64, 64, 3, bits, photometric: 2).Bytes(34675, profile).Write(bits == 8 ? levels : [.. levels.SelectMany(v => (byte[])[v, v])])
            : new PngWriter(64, 64, (byte)bits, PngWriter.Rgb).Icc(profile)
                .Rows([.. levels.Chunk(3 * 64).Select(row => bits == 8 ? row : [.. row.SelectMany(v => (byte[])[v, v])])]).End();
    }

    [Fact]
    public void A_camera_that_says_adobe_rgb_by_its_interoperability_index_is_believed()
    {
        byte[] plain = PictureFile.Encode(new Picture(Side, Side, s_rgb), PictureFormat.Jpeg, new PictureSaveOptions { Quality = 100, Subsampling = ChromaSubsampling.Yuv444 });
        byte[] jpeg = Metadata.WithExif(plain, Metadata.AdobeRgbExif());
        byte[] stored = PictureFile.Load(plain, "plain").Rgb;

        byte[] expected = [.. Linear(stored, v => Math.Pow(v, 563 / 256.0), Chromaticities.AdobeRgb)];

        AssertClose(expected, PictureFile.Load(jpeg, "it").Rgb, 2);
    }

    private static PngWriter Png(int bits) => new(Side, Side, (byte)bits, PngWriter.Rgb);

    private static byte[][] Rows(int bits) =>
        [.. s_rgb.Chunk(3 * Side).Select(row => bits == 8 ? row : [.. row.SelectMany(v => (byte[])[v, v])])];

    private static byte[] Deep(byte[] samples) => [.. samples.SelectMany(v => (byte[])[v, v])];

    private static byte[] Expected(int primaries, int transfer) => Converted(s_rgb, primaries, transfer);

    private static byte[] Converted(byte[] rgb, int primaries, int transfer)
    {
        bool taken = transfer is 1 or 6 && primaries is 1 or 2;
        return [.. Linear(rgb, v => Light(v, taken ? 13 : transfer), primaries == 2 ? Chromaticities.Srgb : Chromaticities.Of(primaries)!.Value)];
    }

    // Through XYZ relative to D50, without a colour engine.
    private static IEnumerable<byte> Linear(byte[] rgb, Func<double, double> light, Chromaticities primaries)
    {
        (double[] r, double[] g, double[] b) = primaries.Colorants();
        (double[] sr, double[] sg, double[] sb) = Chromaticities.Srgb.Colorants();
        double whole = Determinant(sr, sg, sb);
        for (int i = 0; i < rgb.Length; i += 3)
        {
            double lr = light(rgb[i] / 255.0), lg = light(rgb[i + 1] / 255.0), lb = light(rgb[i + 2] / 255.0);
            double[] xyz = [.. Enumerable.Range(0, 3).Select(k => lr * r[k] + lg * g[k] + lb * b[k])];
            yield return Encode(Determinant(xyz, sg, sb) / whole);
            yield return Encode(Determinant(sr, xyz, sb) / whole);
            yield return Encode(Determinant(sr, sg, xyz) / whole);
        }
    }

    private static double Determinant(double[] a, double[] b, double[] c) =>
        a[0] * (b[1] * c[2] - c[1] * b[2]) - b[0] * (a[1] * c[2] - c[1] * a[2]) + c[0] * (a[1] * b[2] - b[1] * a[2]);

    private static double Light(double v, int transfer) => transfer switch
    {
        1 or 6 or 14 or 15 => v < 0.081 ? v / 4.5 : Math.Pow((v + 0.099) / 1.099, 1 / 0.45),
        4 => Math.Pow(v, 2.2),
        5 => Math.Pow(v, 2.8),
        8 => v,
        _ => v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4),
    };

    private static byte Encode(double light)
    {
        double v = Math.Clamp(light, 0, 1);
        return (byte)Math.Round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * Math.Pow(v, 1 / 2.4) - 0.055));
    }

    private static void AssertClose(byte[] expected, byte[] actual, int tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        int worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"{worst} levels off; expected {string.Join(' ', expected[..6])} …, got {string.Join(' ', actual[..6])} …");
    }

    private static byte[] Big(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Lossless(Picture picture) => TestPictures.EncodeWith(
        picture, "heifsave_buffer", TestPictures.AsIs,
        new VOption { { "compression", Enums.ForeignHeifCompression.Av1 }, { "Q", 100 }, { "subsample_mode", Enums.ForeignSubsample.Off }, { "bitdepth", 8 } });

    private static byte[] Avif(bool alpha, int primaries, int transfer)
    {
        byte[] file = Lossless(new Picture(Side, Side, s_rgb, alpha ? new byte[Side * Side] : null));
        return HeifSurgery.WithCodePoints(file, primaries, transfer);
    }

    // The tag "cicp" of ICC.1:2022, in the place of the copyright.
    private static byte[] WithCodePoints(byte[] profile, int transfer)
    {
        int entry = profile.AsSpan().IndexOf("cprt"u8), at = BinaryPrimitives.ReadInt32BigEndian(profile.AsSpan(entry + 4));
        "cicp"u8.CopyTo(profile.AsSpan(entry));
        BinaryPrimitives.WriteInt32BigEndian(profile.AsSpan(entry + 8), 12);
        "cicp"u8.CopyTo(profile.AsSpan(at));
        (profile[at + 8], profile[at + 9], profile[at + 10], profile[at + 11]) = (9, (byte)transfer, 0, 1);
        return profile;
    }
}
