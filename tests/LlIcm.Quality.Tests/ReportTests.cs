using System.Globalization;
using System.Text.Json;
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
        Assert.Null(MeanInterval.Of([7, double.PositiveInfinity])!.HalfWidth);
        Assert.Null(MeanInterval.Of([]));
    }

    [Fact]
    public void A_report_has_the_same_numbers_in_all_three_forms()
    {
        QualityReport report = Example();
        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        JsonElement first = json.RootElement.GetProperty("pictures")[0];
        Assert.Equal(30.5, first.GetProperty("values").GetProperty("psnr").GetDouble());
        Assert.Equal("night, noise", first.GetProperty("details").GetProperty("liqe").GetString());
        JsonElement second = json.RootElement.GetProperty("pictures")[1];
        Assert.Equal("inf", second.GetProperty("values").GetProperty("psnr").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("values").GetProperty("liqe").ValueKind);
        Assert.Equal("too small", second.GetProperty("problems").GetProperty("liqe").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("means").GetProperty("liqe").GetProperty("count").GetInt32());

        Assert.Equal(
            "name,psnr,liqe,liqe detail\n\"a, b\",30.5,3.25,\"night, noise\"\nc,Infinity,,\n",
            report.ToCsv().Replace("∞", "Infinity", StringComparison.Ordinal));

        string[] lines = report.ToText().TrimEnd('\n').Split('\n');
        Assert.Contains("psnr [dB]", lines[0], StringComparison.Ordinal);
        Assert.Contains("30.5000", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("mean ± 95 %", lines[3], StringComparison.Ordinal);
        Assert.Equal("c: liqe: too small", lines[4]);
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
    public void Folders_are_matched_by_name_whatever_the_extension()
    {
        Touch("ref/kodim01.png", "ref/kodim02.png", "ref/sub/kodim01.webp", "ref/notes.txt");
        Touch("out/kodim01.jpg", "out/kodim02.restored.png", "out/sub/kodim01.q3.restored.png", "out/alone.png");
        (IReadOnlyList<PathPair> pairs, IReadOnlyList<string> unmatched) = FolderMatching.Match(At("ref"), At("out"));
        Assert.Equal(
            [
                new PathPair(At("ref/kodim01.png"), At("out/kodim01.jpg")),
                new PathPair(At("ref/kodim02.png"), At("out/kodim02.restored.png")),
                new PathPair(At("ref/sub/kodim01.webp"), At("out/sub/kodim01.q3.restored.png")),
            ],
            pairs);
        Assert.Equal([At("out/alone.png")], unmatched);
    }

    [Fact]
    public void Folders_without_a_clear_match_are_refused()
    {
        Touch("ref/a.png", "ref/a.jpg", "out/a.png", "other/b.png");
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("ref"), At("out")));
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("other"), At("out")));
        Assert.Throws<QualityException>(() => FolderMatching.Match(At("nowhere"), At("out")));
    }

    [Fact]
    public void Files_are_measured_and_what_fails_stays_in_its_row()
    {
        PictureFile.Save(LpipsTests.Noise(40, 30, 1), At("a.png"));
        PictureFile.Save(LpipsTests.Noise(40, 30, 2), At("b.png"));
        File.WriteAllText(At("broken.png"), "no picture");
        var store = new ModelStore(_folder);
        using QualityMetric psnr = QualityMetric.Open("psnr", store), msSsim = QualityMetric.Open("ms-ssim", store);
        int done = 0;

        QualityReport report = QualityRun.Measure(
            [("b", At("b.png"), At("a.png")), ("broken", At("broken.png"), At("a.png"))], [psnr, msSsim],
            new Immediate(count => done = count));

        Assert.Equal(2, done);
        double expected = FullReference.Psnr(LpipsTests.Noise(40, 30, 1), LpipsTests.Noise(40, 30, 2));
        Assert.Equal(expected, report.Rows[0].Values[0].Value);
        Assert.Contains("160", report.Rows[0].Values[1].Problem, StringComparison.Ordinal);
        Assert.Null(report.Rows[1].Values[0].Value);
        Assert.Contains("broken.png", report.Rows[1].Values[0].Problem, StringComparison.Ordinal);
        Assert.Equal(1, report.MeanOf(0)!.Count);
    }

    [Fact]
    public void A_metric_without_weights_says_which_file_to_put_where()
    {
        var error = Assert.Throws<ModelStoreException>(() => QualityMetric.Open("lpips-vgg", new ModelStore(_folder)));
        Assert.Contains("vgg16-397923af.pth", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Throws<QualityException>(() => QualityMetric.Open("nonsense", new ModelStore(_folder)));
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
        report.Add("a, b", [new QualityValue(30.5), new QualityValue(3.25, "night, noise")]);
        report.Add("c", [new QualityValue(double.PositiveInfinity), new QualityValue(null, null, "too small")]);
        return report;
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            File.WriteAllBytes(At(name), []);
        }
    }

    private sealed class Immediate(Action<int> action) : IProgress<int>
    {
        public void Report(int value) => action(value);
    }
}
