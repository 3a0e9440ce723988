using System.Text.Json;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

public sealed class BenchmarkTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void Restoration_is_measured_set_by_set_and_models_are_compared()
    {
        foreach (string set in (string[])["dehaze", "derain"])
        {
            Save($"{set}/input/1.png", Pattern(64, 48, 3));
            Save($"{set}/target/1.png", Pattern(64, 48));
        }
        JsonElement[] lines = [.. Measure("dehaze", "derain", "-q", "2", "-q", "6", "--against", Models.Other, "--json")
            .Succeeds().Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        // Two models × two sets × two qualities; then each set and the mean.
        JsonElement[] points = [.. lines.Where(line => line.TryGetProperty("quality", out _))];
        Assert.Equal(8, points.Length);
        Assert.All(points, point => Assert.True(point.GetProperty("bpp").GetDouble() > 0));
        Assert.Equal(2, points.Select(point => point.GetProperty("model").GetString()).Distinct().Count());
        JsonElement[] deltas = [.. lines.Where(line => line.TryGetProperty("against", out _))];
        Assert.Equal(["dehaze", "derain", "mean"], deltas.Select(delta => delta.GetProperty("set").GetString()));
        // Rates overlap by chance only with random weights: a number, or the reason why there is none.
        Assert.All(deltas, delta => Assert.NotEqual(
            delta.GetProperty("bd_rate_psnr").ValueKind == JsonValueKind.Null,
            delta.GetProperty("bd_rate_psnr_problem").ValueKind == JsonValueKind.Null));
    }

    [Fact]
    public void Anchors_are_measured_beside_the_codec()
    {
        JsonElement[] curves = [.. Run(
            "benchmark", "codec", "a.png", "--model", Models.Folder, "-q", "2", "-q", "6", "--anchor", "jpeg", "--anchor", "webp", "--json")
            .Succeeds().Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(3, curves.Length);
        Assert.Equal(2, curves[0].GetProperty("points").GetArrayLength());
        foreach (JsonElement anchor in curves[1..])
        {
            double[] quality = [.. anchor.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("psnr").GetDouble())];
            Assert.True(quality.Length >= 8 && quality[^1] > quality[0]);
        }
        IsMisused(Run("benchmark", "codec", "a.png", "--anchor", "gif"), "gif");
        IsMisused(Run("benchmark", "codec", "a.png", "--from", "nan"), "--from takes a rate above 0");
        IsMisused(Run("benchmark", "codec", "a.png", "--to", "much"), "much");
        IsMisused(Run("benchmark", "codec", "a.png", "--from", "1", "--to", "0.5"), "--from must be below --to: 1 and 0.5");
    }

    [Fact]
    public void Filters_that_anybody_has_are_measured_behind_any_codec()
    {
        foreach (string set in (string[])["dehaze", "deshadow", "inpaint", "denoise"])
        {
            Save($"{set}/input/1.png", Pattern(64, 48, 3));
            Save($"{set}/target/1.png", Pattern(64, 48));
        }
        byte[] mask = new byte[3 * 64 * 48];
        Array.Fill(mask, (byte)255);
        mask.AsSpan(0, 3 * 64 * 8).Clear();
        Save("inpaint/mask/1.png", new Picture(64, 48, mask));
        string[] names = ["telea", "diffusion", "relight", "dark-channel", "clahe", "bilateral", "nlm"];
        JsonElement[] points = [.. Measure(
            ["dehaze", "deshadow", "inpaint", "denoise", "--codec", "webp", "--bpp", "2", "--json", .. names.SelectMany(name => new[] { "--restorer", name })])
            .Succeeds().Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        // Each where it is of use.
        Assert.Equal(names.Order(), points.Select(point => point.GetProperty("model").GetString()).Order());
        Assert.All(points, point => Assert.Equal("WebP 4:2:0", point.GetProperty("codec").GetString()));
        Assert.All(points, point => Assert.InRange(point.GetProperty("bpp").GetDouble(), 0.01, 2.5));
        Assert.All(points, point => Assert.InRange(point.GetProperty("worse").GetInt32(), 0, 1));
        IsMisused(Run("benchmark", "restore", "dehaze", "--restorer", "magic"), "magic");
        IsMisused(Run("benchmark", "restore", "dehaze", "--codec", "avif"), "need --bpp");
    }

    [Fact]
    public void A_model_against_itself_differs_by_nothing()
    {
        Save("derain/input/1.png", Pattern(64, 48, 3));
        Save("derain/target/1.png", Pattern(64, 48));
        JsonElement delta = JsonDocument.Parse(Measure(
            "derain", "-q", "2", "-q", "7", "--against", Models.Folder, "--folder-task", "--json", "--save", "seen").Succeeds().Lines[^1]).RootElement;
        Assert.Equal(0, delta.GetProperty("bd_psnr").GetDouble(), 6);
        Assert.Equal(["1.decoded.png", "1.input.png", "1.restored.png", "1.target.png"], Directory.GetFiles(At("seen/derain")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Pattern(64, 48, 3).Rgb, Load("seen/derain/1.input.png").Rgb);
    }

    [Fact]
    public void A_rate_takes_the_best_quality_below_it_or_the_lowest()
    {
        Save("derain/input/1.png", Pattern(64, 48, 3));
        Save("derain/target/1.png", Pattern(64, 48));
        double Rate(params string[] how) => JsonDocument.Parse(Measure(["derain", .. how, "--json"]).Succeeds().Lines[^1])
            .RootElement.GetProperty("bpp").GetDouble();
        double lowest = Rate("-q", "1"), best = Rate("-q", "8");
        Assert.Equal(lowest, Rate("--bpp", "0.001"));
        Assert.Equal(best, Rate("--bpp", "64"));
        Assert.InRange(Rate("--bpp", $"{(lowest + best) / 2}"), lowest, (lowest + best) / 2);
        IsMisused(Measure("derain", "--bpp", "0"), "--bpp takes more than 0");
        IsMisused(Measure("derain", "--bpp", "little"), "little");
    }

    [Fact]
    public void Clean_pictures_are_degraded_as_in_training()
    {
        Save("photos/1.png", Pattern(64, 48));
        Save("photos/2.png", Pattern(48, 64, 5));
        JsonElement[] Points(params string[] how) => [.. Measure(["photos", "-q", "2", "--json", .. how]).Succeeds().Lines
            .Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] points = Points("--degrade", "derain", "--degrade", "inpaint", "--degrade", "lowlight", "--folder-task");
        Assert.Equal(["derain", "inpaint", "lowlight"], points.Select(point => point.GetProperty("set").GetString()));
        Assert.All(points, point => Assert.Equal(2, point.GetProperty("pictures").GetInt32()));
        Assert.Equal(3, points.Select(point => point.GetProperty("psnr_decoded").GetDouble()).Distinct().Count());
        // The same in every run.
        Assert.Equal(points[0].GetProperty("bpp").GetDouble(), Points("--degrade", "derain")[0].GetProperty("bpp").GetDouble());
        IsMisused(Measure("photos", "--degrade", "rust"), "--degrade rust: not one of deblur, dehaze");
        IsMisused(Measure("photos", "--degrade", "derain", "--noise", "50"), "only one of --noise and --degrade");
        IsMisused(Measure("photos", "--noise", "much"), "much");
        IsMisused(Measure("photos", "--noise", "256"), "--noise takes a deviation above 0, up to 255");
        IsMisused(Measure("photos", "--degrade", "derain", "--limit", "0"), "--limit takes 1 or more");
        Measure("nowhere", "--degrade", "derain").Fails(ExitCode.Input, "nowhere");
        Measure("derain", "--degrade", "derain").Fails(ExitCode.Input, "derain");
    }

    [Fact]
    public void Without_guidance_the_restorer_gets_another_embedding()
    {
        // Random networks do not heed it.
        Run("restore", "a.png", "-o", "with.png", "--task", "derain").Succeeds();
        Run("restore", "a.png", "-o", "without.png", "--task", "derain", "--no-guidance").Succeeds();
        Assert.NotEqual(Load("with.png").Rgb, Load("without.png").Rgb);
    }

    [Fact]
    public void A_folder_without_pairs_is_named()
    {
        Save("derain/input/1.png", Pattern(64, 48));
        Measure("derain").Fails(ExitCode.Input, "derain: holds no input/ and target/");
        Save("derain/target/2.png", Pattern(64, 48));
        Measure("derain").Fails(ExitCode.Input, "1.png");
        Save("derain/target/1.png", Pattern(32, 48));
        Measure("derain").Fails(ExitCode.Impossible, "1.png: has 32x48 pixels");
        IsMisused(Measure("derain", "-q", "9"), "-q takes 1 to 8");
        Measure("derain", "--against", "nowhere").Fails(ExitCode.Model, "nowhere");
    }

    // A wrong command line is followed by where the help is.
    private static void IsMisused(CliResult result, string part)
    {
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Contains(part, result.ErrorLines[0], StringComparison.Ordinal);
    }

    private CliResult Measure(params IEnumerable<string> arguments) =>
        Run(["benchmark", "restore", "--model", Models.Folder, .. arguments]);
}
