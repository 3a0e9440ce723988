using System.Globalization;
using System.Text.Json.Nodes;
using LlIcm.Imaging;
using LlIcm.Zoo;

namespace LlIcm.Quality.Tests;

public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_interval_is_students()
    {
        // t(0.975; 4) = 2.776445; deviation √2.5.
        MeanInterval mean = MeanInterval.Of([1, 2, 3, 4, 5])!;
        Assert.Equal(3, mean.Mean);
        Assert.Equal(2.776445 * Math.Sqrt(2.5 / 5), mean.HalfWidth!.Value, 1e-6);
        Assert.Null(MeanInterval.Of([7])!.HalfWidth);
        Assert.Equal(new MeanInterval(7, null, 1, 1), MeanInterval.Of([7, double.PositiveInfinity]));
        Assert.Equal(new MeanInterval(null, null, 0, 2), MeanInterval.Of([double.PositiveInfinity, double.PositiveInfinity]));
        Assert.Equal(2, MeanInterval.Of([1, double.PositiveInfinity, 3])!.Mean);
        Assert.Null(MeanInterval.Of([]));
    }

    [Fact]
    public void A_report_has_the_same_numbers_in_all_three_forms()
    {
        QualityReport report = Example();
        Dictionary<string, JsonNode?> first = new(report.RowFields(0)), second = new(report.RowFields(1));
        Assert.Equal(30.5, (double)first["psnr"]!);
        Assert.Equal("night", (string)first["liqe_scene"]!);
        Assert.Equal(0.5625, (double)first["liqe_0_1"]!);
        Assert.Null(second["psnr"]);
        Assert.Null(second["liqe"]);
        Assert.Equal("too small", (string)second["problems"]!["liqe"]!);
        JsonObject means = report.MeanFields();
        Assert.Equal(1, (int)means["liqe"]!["count"]!);
        Assert.Equal((30.5, 1, 1), ((double)means["psnr"]!["mean"]!, (int)means["psnr"]!["count"]!, (int)means["psnr"]!["infinite"]!));

        Assert.Equal("name,psnr,liqe,liqe_0_1,liqe_scene\n\"a, b\",30.5,3.25,0.5625,night\nc,inf,,,\n", report.ToCsv());

        string[] lines = report.ToText().TrimEnd('\n').Split('\n');
        Assert.Matches(@"^ +psnr \[dB\]  liqe \[1–5\]  liqe \[0–1\]$", lines[0]);
        Assert.Matches(@"^a, b +30\.50 +3\.2500 +0\.5625  night, noise$", lines[1]);
        Assert.Matches(@"^c +inf +– +–$", lines[2]);
        Assert.Matches(@"^mean ± 95 % +30\.50 +3\.2500 +0\.5625$", lines[3]);
        Assert.Equal("c: liqe: too small", lines[4]);
        Assert.Equal("psnr: the mean is that of 1; 1 infinite left out", lines[5]);
    }

    [Fact]
    public void Folders_are_matched_by_name_whatever_the_extension()
    {
        Touch("ref/kodim01.png", "ref/kodim02.png", "ref/sub/kodim01.webp", "ref/kodim09.png", "ref/notes.txt");
        Touch("out/kodim01.jpg", "out/kodim02.restored.png", "out/sub/kodim01.q3.restored.png", "out/alone.png");
        MatchedFolders matched = FolderMatching.Match(At("ref"), [At("out")], IsPicture);
        Assert.Equal(
            [
                new PathPair(At("ref/kodim01.png"), At("out/kodim01.jpg")),
                new PathPair(At("ref/kodim02.png"), At("out/kodim02.restored.png")),
                new PathPair(At("ref/sub/kodim01.webp"), At("out/sub/kodim01.q3.restored.png")),
            ],
            matched.Pairs);
        Assert.Equal([At("out/alone.png")], matched.Unmatched);
        Assert.Equal([At("ref/kodim09.png")], matched.Unused);
        // A file is matched by its own name.
        matched = FolderMatching.Match(At("ref"), [At("out/sub/kodim01.q3.restored.png")], IsPicture);
        Assert.Equal(At("ref/kodim01.png"), Assert.Single(matched.Pairs).Reference);
    }

    [Fact]
    public void Folders_without_a_clear_match_are_refused()
    {
        Touch("ref/a.png", "ref/a.jpg", "out/a.png", "other/b.png");
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("ref"), [At("out")], IsPicture));
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("other"), [At("out")], IsPicture));
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("nowhere"), [At("out")], IsPicture));
    }

    [Fact]
    public void What_cannot_be_measured_is_a_problem_in_its_value()
    {
        Picture a = LpipsTests.Noise(40, 30, 1), b = LpipsTests.Noise(40, 30, 2), c = LpipsTests.Noise(20, 30, 2);
        using MetricSet set = MetricSet.Open(["psnr", "ms-ssim", "psnr"], new ModelStore(_folder));
        var progress = new List<double>();

        IReadOnlyList<QualityValue[]> values = set.Measure([new(b, a), new(c, a)], new Immediate(progress.Add));

        // Named twice, measured once.
        Assert.Equal(["psnr", "ms-ssim"], set.Metrics.Select(metric => metric.Info.Name));
        Assert.Equal(FullReference.Psnr(a, b), values[0][0].Value);
        Assert.Contains("160", values[0][1].Problem, StringComparison.Ordinal);
        Assert.Null(values[1][0].Value);
        Assert.Contains("sizes differ", values[1][0].Problem, StringComparison.Ordinal);
        Assert.Equal(1, progress[^1]);
    }

    [Fact]
    public void A_metric_without_weights_says_which_file_to_put_where()
    {
        var store = new ModelStore(_folder);
        var error = Assert.Throws<ModelStoreException>(() => MetricSet.Open(["lpips-vgg"], store));
        Assert.Contains("vgg16-397923af.pth", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Throws<QualityException>(() => MetricSet.Open(["nonsense"], store));
        // Something else under the right name.
        var options = new MetricOptions { Weights = new Dictionary<string, string> { ["lpips-vgg"] = EmptyFile() } };
        error = Assert.Throws<ModelStoreException>(() => MetricSet.Open(["lpips-vgg"], store, options));
        Assert.Contains(options.Weights["lpips-vgg"], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        string EmptyFile()
        {
            Touch("vgg16-397923af.pth");
            return At("vgg16-397923af.pth");
        }
    }

    [Fact]
    public void Numbers_do_not_follow_the_users_language()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = odd;
            Assert.Contains("30.5", Example().ToCsv(), StringComparison.Ordinal);
            Assert.Contains("30.5", Example().ToText(), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Every_metric_that_needs_weights_names_a_published_model() =>
        Assert.All(QualityMetric.All.Where(each => each.Model is not null), each => PublishedModel.Get(each.Model!));

    [Fact]
    public void Curves_are_read_from_compressais_files_and_from_nested_ones()
    {
        File.WriteAllText(At("one.json"), """
            {"name": "codec", "results": {"bpp": [0.2, 0.1], "psnr-rgb": [30, 28], "encoding_time": [1, 1]}}
            """);
        (string name, IReadOnlyDictionary<string, RateDistortionCurve> curves) =
            Assert.Single(RateDistortionFile.Load(At("one.json")));
        Assert.Equal("codec", name);
        Assert.Equal([0.1, 0.2], curves["psnr-rgb"].Rate);
        Assert.Equal([28.0, 30.0], curves["psnr-rgb"].Metric);

        File.WriteAllText(At("many.json"), """
            {"kodak": {"a": {"bpp": [1, 2], "lpips-alex": [0.2, 0.1]}, "b": {"rate": [1, 2], "psnr": [1, 2]}}}
            """);
        Assert.False(RateDistortionFile.IsQuality("encoding_time"));
        Assert.True(RateDistortionFile.IsQuality("ms-ssim-rgb"));
        Assert.Equal(["kodak/a", "kodak/b"], RateDistortionFile.Load(At("many.json")).Select(each => each.Name));
        Assert.True(RateDistortionFile.LowerIsBetter("lpips-alex"));
        Assert.False(RateDistortionFile.LowerIsBetter("psnr-rgb"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"bpp\": [1]}")]
    [InlineData("{\"bpp\": [0], \"psnr\": [1]}")]
    [InlineData("nonsense")]
    public void Files_without_usable_curves_are_refused_by_name(string json)
    {
        File.WriteAllText(At("bad.json"), json);
        var error = Assert.Throws<QualityException>(() => RateDistortionFile.Load(At("bad.json")));
        Assert.StartsWith(At("bad.json"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_map_is_the_root_mean_square_of_each_pixel()
    {
        var a = new Picture(2, 1, [0, 0, 0, 10, 10, 10]);
        var b = new Picture(2, 1, [3, 3, 3, 10, 10, 10]);
        Assert.Equal([3f, 0f], FullReference.ErrorMap(a, b));
    }

    private static QualityReport Example()
    {
        MetricInfo[] metrics = [.. QualityMetric.All.Where(each => each.Name is "psnr" or "liqe")];
        var report = new QualityReport(metrics);
        report.Add("a, b",
        [
            new QualityValue(30.5),
            new QualityValue(3.25, "night, noise") { Parts = [new("0_1", 0.5625), new("scene", null, "night")] },
        ]);
        report.Add("c", [new QualityValue(double.PositiveInfinity), new QualityValue(null, null, "too small")]);
        return report;
    }

    private static bool IsPicture(string path) => PictureFile.ReadableExtensions.Contains(Path.GetExtension(path));

    private string At(string name) => Path.Combine(_folder, name);

    private void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            File.WriteAllBytes(At(name), []);
        }
    }

    private sealed class Immediate(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
