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
            ["input", "ok", "reference", "images", "identical", "psnr", "psnr_y", "ssim", "ms_ssim", "lpips", "heatmap_max"],
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
        Assert.Contains("psnr [dB]", result.Lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^x\.png +inf ", result.Lines[1]);
        Assert.Matches(@"^y\.png +24\.05 ", result.Lines[2]);
        Assert.StartsWith("mean ± 95 % ", result.Lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_are_chosen_by_name_and_csv_has_all_digits()
    {
        Save("x.png", Flat(100));
        Save("y.png", Flat(116));
        CliResult result = Run("compare", "x.png", "x.png", "y.png", "--metrics", "psnr,ssim-pyiqa", "--csv").Succeeds();
        Assert.Equal("name,psnr,ssim_pyiqa", result.Lines[0]);
        Assert.Equal("x.png,inf,1", result.Lines[1]);
        string[] cells = result.Lines[2].Split(',');
        Assert.Equal(20 * Math.Log10(255.0 / 16), double.Parse(cells[1], System.Globalization.CultureInfo.InvariantCulture), 9);
        Assert.Equal(3, result.Lines.Length);
    }

    [Fact]
    public void Missing_weights_of_a_chosen_metric_are_named_with_their_place()
    {
        var environment = new Dictionary<string, string> { ["LLICM_MODELS"] = At("store") };
        CliResult result = Cli.Run(
            Folder, ["compare", "a.png", "a.png", "./a.png", "--metrics", "lpips-vgg"], environment: environment);
        result.Fails(ExitCode.Model, $"needs vgg16-397923af.pth: put it into {At("store")}");
    }

    [Fact]
    public void Folders_are_matched_by_name_and_the_means_have_intervals()
    {
        Save("ref/x.png", Flat(100));
        Save("ref/sub/y.png", Flat(100));
        Save("ref/z.png", Flat(100));
        Save("out/x.restored.png", Flat(116));
        Save("out/sub/y.png", Flat(108));
        Save("out/other.png", Flat(50));
        CliResult result = Run("compare", "ref", "out", "--metrics", "psnr", "--json", "--heatmap", "maps/");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.Equal("llicm: out/other.png: has no original of its name in ref", Assert.Single(result.ErrorLines));
        JsonElement[] lines = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.False(lines[0].GetProperty("ok").GetBoolean());
        Assert.Equal(("out/sub/y.png", "ref/sub/y.png"), Names(lines[1]));
        Assert.Equal(("out/x.restored.png", "ref/x.png"), Names(lines[2]));
        double first = 20 * Math.Log10(255.0 / 8), second = 20 * Math.Log10(255.0 / 16);
        JsonElement mean = lines[3].GetProperty("means").GetProperty("psnr");
        Assert.Equal((first + second) / 2, mean.GetProperty("mean").GetDouble(), 9);
        // t(0.975; 1) = 12.7062.
        Assert.Equal(12.7062 * (first - second) / 2, mean.GetProperty("half_width_95").GetDouble(), 3);
        Assert.Equal(2, mean.GetProperty("count").GetInt32());
        Assert.True(File.Exists(At("maps/y.heatmap.png")) && File.Exists(At("maps/x.restored.heatmap.png")));

        result = Run("compare", "ref", "out/x.restored.png");
        Assert.Equal((int)ExitCode.Success, result.Code);
        Assert.StartsWith("llicm: 2 of ref have no counterpart: ref/sub/y.png, ref/z.png", result.Error, StringComparison.Ordinal);
        Run("compare", "ref", "out/other.png").Fails(ExitCode.Input, "has an original of its name in ref");

        static (string?, string?) Names(JsonElement line) =>
            (line.GetProperty("input").GetString(), line.GetProperty("reference").GetString());
    }

    [Fact]
    public void A_crop_without_a_place_is_where_the_pictures_differ_most()
    {
        Picture x = Flat(100), y = Flat(100);
        // A square of 16 that differs, at (120, 40).
        for (int i = 0; i < 16 * 16; i++) y.Rgb.AsSpan(3 * ((40 + i / 16) * 200 + 120 + i % 16), 3).Fill(200);
        Save("x.png", x);
        Save("y.png", y);
        Run("compare", "x.png", "y.png", "--side-by-side", "chosen.png", "--crop", "16x16", "--zoom", "3").Succeeds();
        Run("compare", "x.png", "y.png", "--side-by-side", "named.png", "--crop", "16x16+120+40", "--zoom", "3").Succeeds();
        Assert.Equal(Load("named.png").Rgb, Load("chosen.png").Rgb);
        Run("compare", "x.png", "y.png", "--side-by-side", "other.png", "--crop", "16x16+0+0", "--zoom", "3").Succeeds();
        Assert.NotEqual(Load("named.png").Rgb, Load("other.png").Rgb);
        // In the lower part, below the labels.
        Picture named = Load("named.png");
        Assert.Equal(3 * 16 * 30, named.Rgb.Chunk(3).Skip((named.Height - 40) * named.Width).Take(30 * named.Width).Count(pixel => pixel[0] == 200));
        Run("compare", "x.png", "y.png", "--side-by-side", "far.png", "--crop", "16x16+190+0").Fails(ExitCode.Impossible, "200x200");
        Run("compare", "x.png", "y.png", "--side-by-side", "sheets/").Succeeds();
        Assert.True(File.Exists(At("sheets/y.compare.png")));
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
        Assert.Contains("160", json.GetProperty("problems").GetProperty("ms_ssim").GetString(), StringComparison.Ordinal);
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
