using System.Text;
using System.Text.Json;

namespace LlIcm.Cli.Tests;

public sealed class BdTests(RandomModels models) : CliTest(models)
{
    // b needs half of a's rate, in another order; c's quality falls once; LPIPS is lower where better.
    private const string Curves =
        """
        {
          "a": {"bpp": [0.2, 0.4, 0.8, 1.6], "psnr": [28, 30, 32, 34], "lpips": [0.4, 0.3, 0.2, 0.1], "encoding_time": [1, 2, 3, 4]},
          "b": {"bpp": [0.8, 0.1, 0.2, 0.4], "psnr": [34, 28, 30, 32], "lpips": [0.1, 0.4, 0.3, 0.2], "encoding_time": [1, 1, 1, 1]},
          "c": {"bpp": [0.2, 0.4, 0.8, 1.6], "psnr": [29, 31, 30.5, 34], "lpips": [0.4, 0.3, 0.2, 0.1]}
        }
        """;

    private JsonElement[] Compare(params IEnumerable<string> arguments) =>
        [.. Run(["bd", .. arguments, "--json"]).Succeeds().Lines.Select(line => JsonDocument.Parse(line).RootElement)];

    [Theory]
    [InlineData("pchip")]
    [InlineData("akima")]
    [InlineData("cubic")]
    public void Half_the_rate_is_minus_fifty_percent_with_any_method_in_any_order(string method)
    {
        File.WriteAllText(At("curves.json"), Curves);
        JsonElement[] rows = Compare("curves.json", "--method", method);
        Assert.Equal(
            ["b psnr", "b lpips", "c psnr", "c lpips"],
            rows.Select(row => $"{row.GetProperty("test")} {row.GetProperty("metric")}"));
        foreach (JsonElement row in rows[..2])
        {
            Assert.Equal(-50, row.GetProperty("bd_rate").GetDouble(), 6);
            Assert.Equal(1, row.GetProperty("bd_rate_overlap").GetDouble(), 9);
            Assert.Equal(0.5, row.GetProperty("bd_metric_overlap").GetDouble(), 9);
        }
        // The quality rises by 2 dB, and LPIPS falls by 0.1, with each doubling.
        Assert.Equal(2, rows[0].GetProperty("bd_metric").GetDouble(), 6);
        Assert.False(rows[0].GetProperty("lower_is_better").GetBoolean());
        Assert.Equal(-0.1, rows[1].GetProperty("bd_metric").GetDouble(), 6);
        Assert.True(rows[1].GetProperty("lower_is_better").GetBoolean());

        Assert.Equal(JsonValueKind.Null, rows[2].GetProperty("bd_rate").ValueKind);
        Assert.Contains("gets worse, 31 to 30.5, from rate 0.4 to 0.8", rows[2].GetProperty("bd_rate_problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Number, rows[2].GetProperty("bd_metric").ValueKind);
        Assert.Equal(0, rows[3].GetProperty("bd_rate").GetDouble(), 6);
        Assert.All(
            rows[0].EnumerateObject(),
            field => Assert.Contains($"`{field.Name}`", DocumentationTests.Document, StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_and_the_csv_say_why_there_is_no_rate()
    {
        File.WriteAllText(At("curves.json"), Curves);
        string[] table = Run("bd", "curves.json", "--metric", "psnr", "--anchor", "a").Succeeds().Lines;
        Assert.Contains("Against a, pchip", table[0], StringComparison.Ordinal);
        Assert.Matches(@"^b +psnr +-50\.00 +100 % +\+2\.0000 +50 %$", table[2]);
        Assert.Matches(@"^c +psnr +none ", table[3]);
        Assert.Contains(table, line => line.StartsWith("c, psnr, BD-rate: not monotonic: ", StringComparison.Ordinal));
        string[] csv = Run("bd", "curves.json", "--metric", "psnr", "--csv").Succeeds().Lines;
        Assert.Equal(3, csv.Length);
        Assert.StartsWith("test,anchor,metric,interpolation,bd_rate,", csv[0], StringComparison.Ordinal);
        Assert.StartsWith("b,a,psnr,pchip,-", csv[1], StringComparison.Ordinal);
        Assert.Contains("\"not monotonic: the test's quality gets worse, 31 to 30.5,", csv[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_overlap_is_warned_of_and_none_is_no_number()
    {
        File.WriteAllText(At("curves.json"), """
            {"a": {"bpp": [1, 2, 3, 4], "psnr": [30, 31, 32, 33]}, "b": {"bpp": [1, 2, 3, 4], "psnr": [32, 33, 34, 35]},
             "c": {"bpp": [1, 2, 3, 4], "psnr": [40, 41, 42, 43]}}
            """);
        JsonElement[] rows = Compare("curves.json");
        Assert.Contains("only 20 % of the range of quality", rows[0].GetProperty("bd_rate_warning").GetString(), StringComparison.Ordinal);
        Assert.Contains("no common range", rows[1].GetProperty("bd_rate_problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(10, rows[1].GetProperty("bd_metric").GetDouble(), 9);
    }

    [Fact]
    public void Points_as_the_benchmark_writes_them_are_read_line_by_line_and_from_standard_input()
    {
        const string lines =
            """
            {"codec":"x","ok":true,"points":[{"setting":1,"bpp":0.2,"psnr":28},{"setting":2,"bpp":0.4,"psnr":30}]}
            {"codec":"y","ok":true,"points":[{"setting":9,"bpp":0.4,"psnr":28},{"setting":8,"bpp":0.8,"psnr":30}]}
            """;
        CliResult result = Cli.Run(Folder, ["bd", "-", "--json"], Encoding.UTF8.GetBytes(lines));
        JsonElement row = result.Succeeds().Json;
        Assert.Equal(("y", "x", "psnr"), (row.GetProperty("test").GetString(), row.GetProperty("anchor").GetString(), row.GetProperty("metric").GetString()));
        Assert.Equal(100, row.GetProperty("bd_rate").GetDouble(), 6);
    }

    [Fact]
    public void What_cannot_be_compared_is_told_in_one_line()
    {
        File.WriteAllText(At("one.json"), """{"a": {"bpp": [1, 2], "psnr": [30, 31]}}""");
        File.WriteAllText(At("bad.json"), """{"a": {"bpp": [1, """);
        File.WriteAllText(At("zero.json"), """{"a": {"bpp": [0, 2], "psnr": [30, 31]}}""");
        File.WriteAllText(At("curves.json"), Curves);
        Run("bd", "one.json").Fails(ExitCode.Impossible, "one.json: holds one codec, 'a'");
        Run("bd", "bad.json").Fails(ExitCode.Input, "bad.json: not valid JSON (line 1)");
        Run("bd", "zero.json").Fails(ExitCode.Input, "the rate 0 is not positive");
        Run("bd", "none.json").Fails(ExitCode.Input, "none.json: no such file");
        Run("bd", "curves.json", "--anchor", "d").Fails(ExitCode.Impossible, "--anchor d: there is no such codec; there are a, b, c");
        Run("bd", "curves.json", "--metric", "encoding_time").Fails(ExitCode.Impossible, "c has no 'encoding_time'");
        // The same name in two files: the files tell them apart.
        Assert.Equal("curves/a", Compare("one.json", "curves.json", "--metric", "psnr")[0].GetProperty("test").GetString());
    }

    [Theory]
    [InlineData("null", "value 3 is null, NaN or infinite")]
    [InlineData("NaN", "value 3 is null, NaN or infinite")]
    [InlineData("-Infinity", "value 3 is null, NaN or infinite")]
    [InlineData("1e999", "value 3 is no finite number")]
    [InlineData("\"32\"", "value 3 is the text \"32\", not a number")]
    [InlineData("[32]", "value 3 is no number")]
    [InlineData("32, 33", "5 values for 4 rates")]
    public void What_is_left_out_is_named_with_the_reason(string third, string reason)
    {
        string[] lists = ["\"psnr\": [28, 30, " + third + ", 34]", "\"bpp\": [0.2, 0.4, " + third + ", 1.6]"];
        foreach ((int i, string broken) in lists.Index())
        {
            string rest = i == 0 ? "\"bpp\": [0.2, 0.4, 0.8, 1.6]" : "\"psnr\": [28, 30, 32, 34]";
            // A list of another length is the fault of whichever is the longer.
            if (i == 1 && third.Contains(',')) continue;
            string good = "{\"bpp\": [0.2, 0.4, 0.8, 1.6], \"psnr\": [28, 30, 32, 34]}";
            File.WriteAllText(At("it.json"), "{\"a\": " + good + ", \"b\": " + good + ", \"broken\": {" + rest + ", " + broken + "}}");

            CliResult result = Run("bd", "it.json");
            Assert.Equal((int)ExitCode.SomeFailed, result.Code);
            Assert.Contains($"it.json: broken: ", result.Error, StringComparison.Ordinal);
            Assert.Contains(reason, result.Error, StringComparison.Ordinal);
            Assert.Contains("b      psnr", result.Text, StringComparison.Ordinal);

            Assert.Equal(0, Run("bd", "it.json", "--skip-incomplete").Code);
            string[] json = Run("bd", "it.json", "--json").Lines;
            Assert.Contains(json, line => line.Contains("\"ok\":false", StringComparison.Ordinal) && line.Contains("broken", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_point_that_lacks_a_number_is_named()
    {
        File.WriteAllText(At("points.json"), """
            {"codec": "a", "points": [{"bpp": 0.2, "psnr": 28}, {"bpp": 0.4, "psnr": 30}]}
            {"codec": "b", "points": [{"bpp": 0.2, "psnr": 28, "ssim": 0.9}, {"bpp": 0.4, "psnr": 30}]}
            """);
        CliResult result = Run("bd", "points.json");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.Contains("points.json: b: ssim: left out: value 2 is missing", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        File.WriteAllBytes(At("mark.json"), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Curves)]);
        Assert.Equal(4, Compare("mark.json").Length);
    }

    [Fact]
    public void A_single_point_and_a_cubic_that_swings_are_told_as_that()
    {
        File.WriteAllText(At("one.json"), """{"a": {"bpp": [0.2, 0.4], "psnr": [28, 30]}, "t": {"bpp": [0.25], "psnr": [34.5]}}""");
        JsonElement one = Assert.Single(Compare("one.json"));
        Assert.Equal("the test has a single point: a curve takes at least two", one.GetProperty("bd_rate_problem").GetString());
        Assert.Equal(one.GetProperty("bd_rate_problem").GetString(), one.GetProperty("bd_metric_problem").GetString());

        File.WriteAllText(At("flat.json"), """
            {"ref": {"rate": [1000, 2000, 3000, 4000], "vmaf": [95, 99.3, 99.9, 99.97]}, "new": {"rate": [1040, 2100, 3100, 4100], "vmaf": [95.5, 99.5, 99.93, 99.98]}}
            """);
        JsonElement cubic = Assert.Single(Compare("flat.json", "--method", "cubic"));
        Assert.Contains("the cubic swings by", cubic.GetProperty("bd_rate_warning").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, Assert.Single(Compare("flat.json")).GetProperty("bd_rate_warning").ValueKind);
    }
}
