using System.Text;
using LlIcm.Imaging.Interop;
using NetVips;

namespace LlIcm.Imaging.Tests;

/// <summary>Profiles that don't belong to the pixels they come with: every format that takes them, kind of pixels and kind of profile.</summary>
public sealed class MisfitProfileTests
{
    private static readonly string[] s_savers = ["jpegsave_buffer", "webpsave_buffer", "tiffsave_buffer", "heifsave_buffer", "png"];

    public static TheoryData<string, string, string> Members()
    {
        var members = new TheoryData<string, string, string>();
        foreach (string saver in s_savers)
        {
            foreach (string pixels in (string[])["rgb", "grey", "cmyk", "rgba"])
            {
                if (pixels == "cmyk" && saver is not ("jpegsave_buffer" or "tiffsave_buffer")) continue;
                if (pixels == "grey" && saver is "webpsave_buffer" or "heifsave_buffer") continue;
                if (pixels == "rgba" && saver == "jpegsave_buffer") continue;
                foreach (string profile in (string[])["GRAY", "RGB ", "CMYK", "Lab ", "link", "no tags", "cut off", "noise", "empty"])
                {
                    bool fits = (pixels, profile) is ("rgb" or "rgba", "RGB ") or ("grey", "GRAY") or ("cmyk", "CMYK");
                    if (!fits) members.Add(saver, pixels, profile);
                }
            }
        }
        return members;
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void A_profile_that_does_not_fit_is_ignored(string saver, string pixels, string profile)
    {
        byte[] plain = Encoded(saver, pixels, null), tagged = Encoded(saver, pixels, Profile(profile));

        Picture expected = PictureFile.Load(plain, "plain"), actual = PictureFile.Load(tagged, "tagged");

        Assert.Equal(expected.Rgb, actual.Rgb);
        Assert.Equal(expected.Alpha, actual.Alpha);
    }

    private static byte[] Profile(string kind)
    {
        byte[] rgb = IccWriter.Profile(IccWriter.Blue, IccWriter.Red, IccWriter.Green, gamma: 1);
        byte[] linear = new RgbSpace(Chromaticities.Srgb, new ToneCurve(1)).Profile(1);
        switch (kind)
        {
            case "GRAY": return linear;
            case "RGB ": return rgb;
            case "link":
                Encoding.ASCII.GetBytes("link").CopyTo(rgb, 12);
                return rgb;
            case "no tags":
                rgb.AsSpan(128, 4).Clear();
                return rgb;
            case "cut off": return rgb[..200];
            case "noise": return TestPictures.Noise(20, 20).Rgb;
            case "empty": return new byte[1];
            default:
                Encoding.ASCII.GetBytes(kind).CopyTo(rgb, 16);
                return rgb;
        }
    }

    private static byte[] Encoded(string saver, string pixels, byte[]? profile)
    {
        Picture picture = TestPictures.Smooth(24, 16, alpha: pixels == "rgba");
        if (saver == "png")
        {
            byte colour = pixels switch { "grey" => PngWriter.Grey, "rgba" => PngWriter.Rgba, _ => PngWriter.Rgb };
            byte[] samples = PictureEncoder.Interleaved(picture);
            byte[][] rows = [.. samples.Chunk(samples.Length / 16).Select(row => pixels == "grey" ? [.. row.Where((_, i) => i % 3 == 0)] : row)];
            var png = new PngWriter(24, 16, 8, colour);
            if (profile is not null) png.Icc(profile);
            return png.Rows(rows).End();
        }
        var options = new VOption();
        if (saver == "heifsave_buffer") options.Add("compression", Enums.ForeignHeifCompression.Av1);
        return TestPictures.EncodeWith(picture, saver, image =>
        {
            using Image converted = pixels switch
            {
                "grey" => image.Colourspace(Enums.Interpretation.Bw),
                "cmyk" => image.Colourspace(Enums.Interpretation.Cmyk),
                _ => image.Copy(),
            };
            return converted.Mutate(to =>
            {
                to.Remove(VipsField.Icc);
                if (profile is not null) to.Set(GValue.BlobType, VipsField.Icc, profile);
            });
        }, options);
    }
}
