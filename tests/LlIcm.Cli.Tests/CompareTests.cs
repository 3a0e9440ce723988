using System.Text.Json;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

public sealed class CompareTests(RandomModels models) : CliTest(models)
{
    private static Picture Flat(byte value, int side = 200)
    {
        byte[] rgb = new byte[3 * side * side];
        Array.Fill(rgb, value);
        return new Picture(side, side, rgb);
    }

    [Fact]
    public void A_constant_difference_has_the_psnr_it_must_have()
    {
        Save("x.png", Flat(100));
        Save("y.png", Flat(116));
        JsonElement json = Run("compare", "x.png", "y.png", "--json", "--heatmap", "h.png", "--side-by-side", "s.png").Succeeds().Json;
        Assert.Equal(
            ["input", "ok", "reference", "identical", "psnr", "psnr_y", "ssim", "ms_ssim", "lpips", "heatmap_max"],
            json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(20 * Math.Log10(255.0 / 16), json.GetProperty("psnr").GetDouble(), 5);
        Assert.InRange(json.GetProperty("ms_ssim").GetDouble(), 0.9, 1);
        Assert.Equal(16, json.GetProperty("heatmap_max").GetDouble(), 3);
        Assert.Equal((200, 200), (Load("h.png").Width, Load("h.png").Height));
        Assert.True(Load("s.png").Width > 400);
    }

    [Fact]
    public void A_table_has_a_row_for_each()
    {
        Save("x.png", Flat(100));
        Save("y.png", Flat(116));
        CliResult result = Run("compare", "x.png", "x.png", "y.png").Succeeds();
        Assert.Contains("PSNR", result.Text, StringComparison.Ordinal);
        Assert.Matches(@"x\.png.*equal", result.Text);
        Assert.Matches(@"y\.png.*24\.05", result.Text);
    }

    [Fact]
    public void Equal_pictures_are_called_identical()
    {
        JsonElement json = Run("compare", "a.png", "./a.png", "--json").Succeeds().Json;
        Assert.True(json.GetProperty("identical").GetBoolean());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("psnr").ValueKind);
        Assert.Equal(1, json.GetProperty("ssim").GetDouble(), 6);
        // Too small for five scales.
        Assert.Equal(JsonValueKind.Null, json.GetProperty("ms_ssim").ValueKind);
    }

    [Fact]
    public void Coded_files_are_decoded_first()
    {
        Compress();
        RunModel("decompress", "a.llic").Succeeds();
        Assert.True(RunModel("compare", "a.decoded.png", "a.llic", "--json").Succeeds().Json.GetProperty("identical").GetBoolean());
    }

    [Fact]
    public void Pictures_of_other_sizes_and_missing_weights_are_refused()
    {
        Save("b.png", Pattern(20, 20));
        Run("compare", "a.png", "b.png").Fails(ExitCode.Impossible, "b.png: the sizes differ: 48x40 and 20x20");
        Run("compare", "a.png", "a.png", "--lpips-weights", "no.pth").Fails(ExitCode.Model, "no.pth: no such file");
        Run("compare", "a.png", "a.png", "--lpips-weights", "a.png").Fails(ExitCode.Model, "a.png");
    }
}
