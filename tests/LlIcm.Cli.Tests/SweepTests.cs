using System.Text.Json;

namespace LlIcm.Cli.Tests;

public sealed class SweepTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void A_sweep_with_a_model_is_planned_computed_in_shares_and_merged()
    {
        WriteConfig();
        string[] planned = Sweep("whole", "--dry-run").Succeeds().Lines;
        Assert.Contains(planned, line => line.Contains("llicm compress 1.png", StringComparison.Ordinal));
        Assert.Contains(planned, line => line.Contains("libvips webpsave Q=20", StringComparison.Ordinal));
        Assert.False(Directory.Exists(At("whole/cells")));
        JsonElement whole = JsonDocument.Parse(Sweep("whole", "--json").Succeeds().Lines[^1]).RootElement;
        Assert.Equal(0, whole.GetProperty("missing").GetInt32());
        Assert.Empty(Sweep("whole", "--dry-run").Succeeds().Lines);
        Sweep("one", "--shard", "1/2").Succeeds();
        Sweep("two", "--shard", "2/2").Succeeds();
        Assert.False(File.Exists(At("one/report.html")));
        JsonElement merged = JsonDocument.Parse(Run("benchmark", "merge", "one", "two", "-o", "one", "--json").Succeeds().Lines[^1]).RootElement;
        Assert.Equal(whole.GetProperty("points").GetInt32(), merged.GetProperty("points").GetInt32());
        static string[] Rates(string path) => [.. File.ReadAllLines(path).Select(line => string.Join(',', line.Split(',')[..8]))];
        Assert.Equal(Rates(At("whole/results.csv")), Rates(At("one/results.csv")));
        // Speed is told of each codec: of ours, too, in a process of its own.
        JsonElement results = JsonDocument.Parse(File.ReadAllText(At("whole/results.json"))).RootElement;
        Assert.Equal(2, results.GetProperty("speed").GetArrayLength());
        Assert.All(results.GetProperty("speed").EnumerateArray(), each => Assert.True(each.GetProperty("peak_bytes").GetInt64() > 10_000_000));
    }

    [Fact]
    public void What_is_missing_shows_in_the_exit_code_and_what_is_wrong_in_a_line()
    {
        WriteConfig("  - {name: nowhere, folder: nowhere}");
        CliResult result = Sweep("out");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.Contains(result.ErrorLines, line => line.Contains("nowhere: there is no folder nowhere", StringComparison.Ordinal));
        Assert.True(File.Exists(At("out/report.html")));
        WriteConfig();
        Sweep("a.png").Fails(ExitCode.Output, "a.png");
        Run("benchmark", "run", "--config", "none.yaml", "-o", "out").Fails(ExitCode.Input, "none.yaml");
        File.WriteAllText(At("sweep.yaml"), "sets: 3\n");
        Sweep("out").Fails(ExitCode.Input, "sweep.yaml: line 1");
        Run("benchmark", "merge", "out", "elsewhere", "-o", "x").Fails(ExitCode.Input, "elsewhere");
        foreach (string wrong in new[] { "0/2", "3/2", "half" })
        {
            CliResult misused = Sweep("out", "--shard", wrong);
            Assert.Equal((int)ExitCode.Usage, misused.Code);
            Assert.Contains($"--shard {wrong}", misused.ErrorLines[0], StringComparison.Ordinal);
        }
    }

    private CliResult Sweep(string folder, params IEnumerable<string> more) => Run(["benchmark", "run", "--config", "sweep.yaml", "-o", folder, .. more]);

    private void WriteConfig(string more = "")
    {
        for (int i = 1; i <= 2; i++)
        {
            Save($"derain/input/{i}.png", Pattern(64, 48, 3 * i));
            Save($"derain/target/{i}.png", Pattern(64, 48));
        }
        File.WriteAllText(At("sweep.yaml"), $$"""
            sets:
              - {name: derain, task: derain, folder: derain, input: "input/{name}.png", target: "target/{name}.png"}
            {{more}}
            codecs:
              - {name: ours, kind: llic, model: "{{Models.Folder}}", settings: [2, 6]}
              - {name: webp, settings: [20, 80]}
            restorers:
              - {name: own, kind: model, model: "{{Models.Folder}}"}
            metrics: [psnr, ssim]
            crop_side: 32
            """);
    }
}
