using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Inference.Tests;

/// <summary>
/// The model that comes with the program does its work: swapped or damaged weights fail here. The bounds are wide of today's figures,
/// which each assertion names, and narrow enough for that.
/// </summary>
public sealed class ShippedModelTests
{
    [Theory]
    [InlineData("waves", 1)]
    [InlineData("waves", 4)]
    [InlineData("waves", 8)]
    [InlineData("shapes", 1)]
    [InlineData("shapes", 4)]
    [InlineData("shapes", 8)]
    [InlineData("texture", 1)]
    [InlineData("texture", 4)]
    [InlineData("texture", 8)]
    public void BitsAndErrorsLieWhereTheyShould(string name, double quality)
    {
        using LlIcmModel model = LlIcmModel.Load();
        var codec = new PictureCodec(model);
        Picture picture = Draw(name);
        LlicFile file = codec.Compress(picture, new CompressOptions { Quality = quality });
        double bits = file.ToArray().Length * 8.0 / (picture.Width * picture.Height);
        double psnr = Psnr(picture, codec.Decompress(file));
        (double expectedBits, double expectedPsnr) = s_expected[(name, quality)];
        Assert.True(
            bits < expectedBits * 1.15 && bits > expectedBits * 0.6 && psnr > expectedPsnr - 0.7,
            FormattableString.Invariant($"{name}, quality {quality}: {bits:0.000} bits a pixel and {psnr:0.00} dB, expected {expectedBits} and {expectedPsnr}"));
    }

    [Theory]
    [InlineData("noise", Degradation.Noisy, Degradation.Noisy)]
    [InlineData("haze", null, Degradation.Hazy)]
    [InlineData("holes", null, Degradation.Uncompleted)]
    public void DamageIsRecognisedAndRepaired(string damage, Degradation? seen, Degradation wrong)
    {
        using LlIcmModel model = LlIcmModel.Load();
        Picture clean = Draw("shapes"), degraded = Damage(clean, damage);
        var restorer = new PictureRestorer(model);
        // The recogniser, which knows photographs, makes nothing of haze and holes in a drawing.
        if (seen is { } word) Assert.Contains(word, restorer.Recognise(degraded).Take(3).Select(each => each.Degradation));
        var codec = new PictureCodec(model);
        LlicFile file = codec.Compress(degraded, new CompressOptions { Quality = 6, Degradation = wrong });
        Picture restored = restorer.Restore(file).Picture;
        // Holes are filled before they are coded.
        double before = Psnr(clean, wrong == Degradation.Uncompleted ? degraded : codec.Decompress(file)), after = Psnr(clean, restored);
        Assert.True(after > before + 0.3, FormattableString.Invariant($"{damage}: {before:0.00} dB became {after:0.00}"));
    }

    private static readonly Dictionary<(string, double), (double Bits, double Psnr)> s_expected = new()
    {
        [("waves", 1)] = (0.137, 35.57),
        [("waves", 4)] = (0.241, 41.62),
        [("waves", 8)] = (0.488, 47.49),
        [("shapes", 1)] = (0.109, 34.3),
        [("shapes", 4)] = (0.209, 37.46),
        [("shapes", 8)] = (0.65, 39.62),
        [("texture", 1)] = (0.311, 24.04),
        [("texture", 4)] = (0.885, 24.93),
        [("texture", 8)] = (2.146, 25.59),
    };

    private static Picture Draw(string name)
    {
        const int Width = 160, Height = 128;
        var random = new Random(1);
        byte[] rgb = new byte[3 * Width * Height];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                for (int c = 0; c < 3; c++)
                {
                    double value = name switch
                    {
                        "waves" => 128 + 60 * Math.Sin((x + 9 * c) * 0.09) + 50 * Math.Cos(y * 0.06 + c),
                        "shapes" => (x - 50) * (x - 50) + (y - 60) * (y - 60) < 1600 ? 200 - 40 * c
                            : x > 95 && y > 30 && y < 100 ? 60 + 50 * c : 120 + 0.4 * y - 10 * c,
                        _ => 110 + 20 * c + 30 * Math.Sin(x * 0.9 + y * 0.4) + random.Next(-25, 26),
                    };
                    rgb[(y * Width + x) * 3 + c] = (byte)Math.Clamp(value, 0, 255);
                }
        return new Picture(Width, Height, rgb);
    }

    private static Picture Damage(Picture picture, string kind)
    {
        var random = new Random(2);
        byte[] rgb = [.. picture.Rgb];
        for (int i = 0; i < rgb.Length; i++)
        {
            int x = i / 3 % picture.Width, y = i / 3 / picture.Width;
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            rgb[i] = kind switch
            {
                "noise" => (byte)Math.Clamp(rgb[i] + 35 * normal, 0, 255),
                "haze" => (byte)(0.4 * rgb[i] + 0.6 * 215),
                _ => x / 3 % 12 == 0 || y / 3 % 11 == 0 ? (byte)255 : rgb[i],
            };
        }
        return new Picture(picture.Width, picture.Height, rgb);
    }

    private static double Psnr(Picture a, Picture b) =>
        10 * Math.Log10(255 * 255 / a.Rgb.Zip(b.Rgb, (x, y) => (double)(x - y) * (x - y)).Average());
}
