using LlIcm.Benchmark.Reports;
using LlIcm.Benchmark.Sweeps;
using LlIcm.Imaging;
using LlIcm.TestSupport;
using LlIcm.Training;

namespace LlIcm.Benchmark.Tests;

public sealed class SweepTests : IDisposable
{
    private readonly SweepFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_run_computes_nothing_and_gives_the_same_numbers()
    {
        (int computed, int failed, BenchmarkResults first) = _folder.Run();
        Assert.True(computed > 100);
        Assert.Equal(0, failed);
        Assert.Empty(first.Gaps);
        (computed, _, BenchmarkResults second) = _folder.Run();
        Assert.Equal(0, computed);
        Assert.Equal(first.Rows.Select(row => (row.Line, row.Bytes, row.Values["psnr"])), second.Rows.Select(row => (row.Line, row.Bytes, row.Values["psnr"])));
        // Both codecs alone, each with what serves the task, and the filter before them.
        Assert.Equal(
            ["bilateral>jpeg", "bilateral>webp", "jpeg", "jpeg|bilateral", "jpeg|telea", "webp", "webp|bilateral", "webp|telea"],
            first.Plan.Lines.Select(line => line.Id).Order(StringComparer.Ordinal));
        Assert.Contains(first.Plan.Lines, line => line.Label == "JPEG 4:4:4");
    }

    [Fact]
    public void What_changes_is_computed_again_and_nothing_else()
    {
        _folder.Run();
        int cells;
        using (BenchmarkSetup setup = BenchmarkSetup.Open(_folder.ConfigPath, "")) cells = CellsOf(setup.Plan, "derain", "2");
        // One byte of one input: the cells of that picture.
        Picture input = PictureFile.Load(_folder.At("derain/input/2.png"));
        input.Rgb[77] ^= 1;
        _folder.Save("derain/input/2.png", input);
        Assert.Equal(cells, _folder.Run().Computed);
        // One more setting: its cells on every picture, and the curves that were there stay.
        string config = File.ReadAllText(_folder.ConfigPath);
        _folder.Write(config.Replace("[5, 40, 95]", "[5, 40, 60, 95]", StringComparison.Ordinal));
        int added = _folder.Run().Computed;
        using (BenchmarkSetup setup = BenchmarkSetup.Open(_folder.ConfigPath, ""))
            Assert.Equal(setup.Plan.Points.Where(point => point is { Setting: 60 }).SelectMany(point => point.Cells).Select(cell => cell.Key).Distinct().Count()
                - setup.Plan.Points.Where(point => point is { Setting: 60, Before: not null }).Select(point => point.Before!.Key).Distinct().Count(), added);
        Assert.Equal(0, _folder.Run().Computed);
    }

    [Fact]
    public void A_run_that_was_ended_goes_on_where_it_was()
    {
        using var source = new CancellationTokenSource();
        using (BenchmarkSetup setup = BenchmarkSetup.Open(_folder.ConfigPath, ""))
        {
            var runner = new BenchmarkRunner(setup, new CellStore(_folder.At("out")));
            Assert.ThrowsAny<OperationCanceledException>(() => runner.Run(progress: new Stop(source, 0.4), cancellation: source.Token));
            Assert.InRange(runner.Computed, 10, setup.Plan.Cells.Count() - 10);
            Assert.Equal(setup.Plan.Cells.Count(), runner.Computed + _folder.Run().Computed);
        }
    }

    [Fact]
    public void Shares_together_are_the_whole()
    {
        (int whole, _, BenchmarkResults expected) = _folder.Run("whole");
        int parts = _folder.Run("one", 1, 2).Computed;
        (int other, _, BenchmarkResults half) = _folder.Run("two", 2, 2);
        Assert.NotEmpty(half.Gaps);
        // A restorer before the codec may be in both shares.
        Assert.InRange(parts + other, whole, whole + 10);
        var store = new CellStore(_folder.At("merged"));
        foreach (string part in new[] { "one", "two" })
            foreach (Cell cell in expected.Plan.Cells) store.Take(new CellStore(_folder.At(part)), cell);
        var merged = new BenchmarkResults(BenchmarkPlan.Read(_folder.At("two")), store);
        Assert.Empty(merged.Gaps);
        Assert.Equal(expected.Rows.Select(row => row.Values["ssim"]), merged.Rows.Select(row => row.Values["ssim"]));
    }

    [Fact]
    public void What_is_missing_is_named_and_the_rest_goes_on()
    {
        _folder.Save("derain/input/2.png", SweepFolder.Pattern(32, 48, 1));
        _folder.Write(File.ReadAllText(_folder.ConfigPath) + """

            codecs_extra: 0
            """);
        Assert.Contains("codecs_extra", Assert.Throws<TrainingException>(() => _folder.Run()).Message, StringComparison.Ordinal);
        string config = SweepFolder.Config.Replace("../masks", "masks", StringComparison.Ordinal)
            .Replace("codecs:", "  - {name: nowhere, folder: nowhere}\ncodecs:\n  - {name: vvc, kind: vtm, encoder: /no/such/encoder, config: none.cfg}", StringComparison.Ordinal)
            .Replace("[psnr, ssim]", "[psnr, ssim, liqe]", StringComparison.Ordinal);
        _folder.Write(config);
        (_, int failed, BenchmarkResults results) = _folder.Run();
        Assert.True(failed > 0);
        string[] gaps = [.. results.Gaps.Select(BenchmarkTables.Describe)];
        Assert.Contains(gaps, gap => gap.StartsWith("nowhere: there is no folder", StringComparison.Ordinal));
        Assert.Contains(gaps, gap => gap.StartsWith("vvc: there is no program /no/such/encoder", StringComparison.Ordinal));
        Assert.Contains(gaps, gap => gap.StartsWith("liqe: ", StringComparison.Ordinal));
        Assert.Contains(gaps, gap => gap.StartsWith("derain, webp, 2: 2.png has 32x48 pixels, 2.png 64x48", StringComparison.Ordinal));
        Assert.Contains(results.Rows, row => row is { Set: "derain", Picture: "3" });
        // What failed is tried again.
        _folder.Save("derain/input/2.png", SweepFolder.Pattern(64, 48, 1));
        Assert.Equal(0, _folder.Run().Failed);
    }

    [Theory]
    [InlineData("sets:", "sets: []\nother:", "other")]
    [InlineData("name: webp,", "name: webp, kind: gif,", "there is no codec 'gif'")]
    [InlineData("settings: [5, 40, 95]", "settings: [0.5]", "whole numbers from 1 to 100")]
    [InlineData("name: telea", "name: magic", "there is no restorer 'magic'")]
    [InlineData("before: [bilateral]", "before: [nlm]", "before: there is no restorer 'nlm'")]
    [InlineData("anchor: webp", "anchor: avif", "anchor: there is no codec 'avif'")]
    [InlineData("psnr, ssim", "psnr, beauty", "no metric 'beauty'")]
    [InlineData("noise: 20", "noise: -1", "noise must be above 0")]
    [InlineData("task: derain, ", "", "a task is needed")]
    [InlineData("task: derain", "task: rust", "rust")]
    [InlineData("name: jpeg", "name: webp", "'webp' is there twice")]
    [InlineData("chroma: 444", "chroma: 422", "chroma must be 420 or 444")]
    [InlineData("{name: webp, settings", "{name: webp, chroma: 444, settings", "4:2:0")]
    [InlineData("input/{name}.png", "input/*.png", "input has no {name}")]
    public void A_configuration_that_makes_no_sense_is_refused_by_name(string from, string to, string message)
    {
        _folder.Write(SweepFolder.Config.Replace(from, to, StringComparison.Ordinal));
        string said = Assert.Throws<TrainingException>(() => BenchmarkSetup.Open(_folder.ConfigPath, "")).Message;
        Assert.Contains(message, said, StringComparison.Ordinal);
        Assert.StartsWith(_folder.ConfigPath, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Deltas_are_those_of_the_means_within_an_interval_over_the_pictures()
    {
        BenchmarkResults results = _folder.Run().Results;
        PlannedMetric psnr = results.Plan.Metrics[0];
        (DeltaInterval rate, DeltaInterval metric) = results.Delta("derain", "jpeg", psnr)!.Value;
        Assert.NotNull(metric.Value);
        Assert.InRange(metric.Value.Value, metric.Low!.Value, metric.High!.Value);
        Assert.True(rate.Value is not null || rate.Problem is not null);
        // The anchor against itself.
        Assert.Equal(0, results.Delta("derain", "webp", psnr)!.Value.Metric.Value!.Value, 9);
        Assert.Null(results.Delta("plain", "jpeg|telea", psnr));
    }

    [Fact]
    public void The_report_holds_every_number_and_no_markup_of_names()
    {
        BenchmarkResults results = _folder.Run().Results;
        BenchmarkReport.Write(results, _folder.At("out"));
        string page = File.ReadAllText(_folder.At("out/report.html")), csv = File.ReadAllText(_folder.At("out/results.csv")), tables = File.ReadAllText(_folder.At("out/results.md"));
        Assert.DoesNotContain("<b>sweep</b>", page, StringComparison.Ordinal);
        Assert.Equal(results.Rows.Count + 1, csv.TrimEnd('\n').Split('\n').Length);
        Assert.All(results.Plan.Lines, line => Assert.Contains(line.Label, tables, StringComparison.Ordinal));
        Assert.Contains("## holes: 2 pictures", tables, StringComparison.Ordinal);
        Assert.DoesNotContain("{data}", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_sets_are_found_in_their_published_layouts()
    {
        Picture small = SweepFolder.Pattern(48, 48, 1);
        foreach (string name in new[]
        {
            "RESIDE-6k/test/hazy/0001.jpg", "RESIDE-6k/test/GT/0001.jpg", "RainDrop/test_a/data/0_rain.png", "RainDrop/test_a/gt/0_clean.png", "Rain100H/rain-001.png", "Rain100H/norain-001.png",
            "SRD/test/shadow/_MG_2375.jpg", "SRD/test/shadow_free/_MG_2375_no_shadow.jpg", "CBSD68/3096.png", "CelebA-HQ-256/00000.png", "CelebA-HQ-256/masks/000000.png",
        }) _folder.Save("data/" + name, small);
        string path = Path.Combine(Repository.Root, "configs", "benchmark", "paper.yaml");
        Environment.SetEnvironmentVariable("LLICM_DATASETS", _folder.At("data"));
        try
        {
            using BenchmarkSetup setup = BenchmarkSetup.Open(path, "");
            Assert.Equal(["dehaze", "raindrop", "derain", "deshadow", "denoise", "inpaint"], setup.Plan.Sets.Select(set => set.Name));
            Assert.All(setup.Plan.Sets, set => Assert.Single(set.Pictures));
            SetPicture rain = setup.PictureOf("derain", "001");
            Assert.EndsWith("/rain-001.png", rain.Input!.Replace('\\', '/'), StringComparison.Ordinal);
            Assert.EndsWith("/norain-001.png", rain.Target.Replace('\\', '/'), StringComparison.Ordinal);
            Assert.NotNull(setup.PictureOf("inpaint", "00000").Mask);
            Assert.Equal(50, setup.PictureOf("denoise", "3096").Noise);
        }
        finally
        {
            Environment.SetEnvironmentVariable("LLICM_DATASETS", null);
        }
    }

    [Theory]
    [InlineData("small")]
    [InlineData("kodak")]
    [InlineData("tasks")]
    [InlineData("paper")]
    public void Configurations_that_come_with_the_program_are_understood(string name) =>
        Assert.NotEmpty(Configuration.BenchmarkConfig.Load(Path.Combine(Repository.Root, "configs", "benchmark", name + ".yaml")).Codecs);

    private static int CellsOf(BenchmarkPlan plan, string set, string picture) =>
        plan.Points.Where(point => point.Set == set && point.Picture == picture).SelectMany(point => point.Cells).Select(cell => cell.Key).Distinct().Count();

    private sealed class Stop(CancellationTokenSource source, double share) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > share) source.Cancel();
        }
    }
}
