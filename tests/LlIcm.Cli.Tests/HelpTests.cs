namespace LlIcm.Cli.Tests;

public sealed class HelpTests(RandomModels models) : CliTest(models)
{
    // Neither can be loaded: whoever tries ends with code 3.
    private static readonly Dictionary<string, string> s_withoutLibraries = new()
    {
        ["LLICM_TORCH_BRIDGE"] = "/nowhere/libllicm_torch.so",
        ["LLICM_VIPS_LIB"] = "/nowhere/libvips.so.42",
    };

    private static readonly string[] s_commands =
        ["run", "compress", "decompress", "restore", "info", "compare", "score", "bd", "models", "train", "benchmark"];

    public static TheoryData<string> Commands => new(s_commands);

    [Fact]
    public void The_first_page_names_every_command_and_exit_code_and_loads_no_library()
    {
        CliResult result = Cli.Run(Folder, ["--help"], environment: s_withoutLibraries).Succeeds();
        foreach (string command in s_commands)
            Assert.Contains($"\n  {command} ", result.Text, StringComparison.Ordinal);
        foreach (ExitCode code in Enum.GetValues<ExitCode>()) Assert.Matches($@"\b{(int)code} \w", result.Text);
        Assert.Contains("llicm [command]", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_command_has_a_page_with_examples(string command)
    {
        CliResult result = Cli.Run(Folder, [command, "--help"], environment: s_withoutLibraries).Succeeds();
        Assert.Contains($"Usage:\n  llicm {command}", result.Text, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  llicm {command}", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_command_the_help_goes_to_standard_error()
    {
        CliResult result = Run();
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Empty(result.Output);
        Assert.Contains("Usage:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_has_those_of_the_libraries()
    {
        string[] lines = Run("--version").Succeeds().Lines;
        Assert.Matches(@"^llicm \d+\.\d+", lines[0]);
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^ONNX Runtime \d+\.\d+"));
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^libvips \d+\.\d+"));
    }

    [Fact]
    public void The_version_is_told_without_the_libraries_too()
    {
        CliResult result = Cli.Run(Folder, ["--version"], environment: s_withoutLibraries).Succeeds();
        Assert.Contains("libvips is not available", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--bogus", "llicm:")]
    [InlineData("bogus", "llicm:")]
    [InlineData("compress", "INPUT")]
    [InlineData("compress a.png --bogus", "--bogus")]
    [InlineData("compress a.png -q 0.5", "-q takes 1 to 8")]
    [InlineData("compress a.png -q 8.5", "-q takes 1 to 8")]
    [InlineData("restore a.png --steps few", "few")]
    [InlineData("compress a.png -q NaN", "-q takes 1 to 8")]
    [InlineData("compress a.png -q good", "good")]
    [InlineData("compress a.png --bpp 0", "--bpp takes")]
    [InlineData("compress a.png --target-size 1x", "--target-size takes")]
    [InlineData("compress a.png -q 3 --bpp 1", "only one of")]
    [InlineData("compress a.png --threads 0", "--threads takes")]
    [InlineData("compress a.png --device tpu", "--device tpu")]
    [InlineData("compress a.png -o a.png", "would replace the input")]
    [InlineData("compress a.png a.png ./b/../a.png - -", "standard input can be read only once")]
    [InlineData("compress - --json", "--json")]
    [InlineData("compress a.png b.png -o -", "name a folder")]
    [InlineData("compress a.png sub/a.png -o out", "would both be written")]
    [InlineData("decompress a.llic -o a.xyz", "a.xyz")]
    [InlineData("decompress a.llic --format bmp", "--format bmp")]
    [InlineData("decompress a.llic --steps 3", "--restore")]
    [InlineData("restore a.png --task paint", "--task paint: not one of auto")]
    [InlineData("restore a.png --sampler best", "--sampler best")]
    [InlineData("restore a.png --steps 0", "--steps takes")]
    [InlineData("restore a.png --seed -1", "--seed")]
    [InlineData("restore a.png --mask a.png --find-holes", "only one of")]
    [InlineData("run a.png -o b.png", "name a folder")]
    [InlineData("run a.png -o -", "name a folder")]
    [InlineData("compare a.png", "INPUT")]
    [InlineData("compare a.png b.png c.png --heatmap h.png", "--heatmap")]
    [InlineData("compare a.png b.png --heatmap h.xyz", "h.xyz")]
    [InlineData("compare a.png b.png --metrics psnr,nonsense", "no metric 'nonsense'")]
    [InlineData("compare a.png b.png --crop 8x8", "--side-by-side")]
    [InlineData("compare a.png b.png --side-by-side s.png --crop 8", "--crop 8")]
    [InlineData("compare a.png b.png --side-by-side s.png --zoom 99", "--zoom takes 1 to 16")]
    [InlineData("compare a.png b.png --csv --json", "only one of --csv and --json")]
    [InlineData("score a.png --metrics psnr", "needs the original")]
    [InlineData("bd c.json --method spline", "--method spline")]
    [InlineData("bd c.json --csv --json", "only one of --csv and --json")]
    public void A_wrong_command_line_is_explained_and_does_nothing(string line, string part)
    {
        CliResult result = Run(line.Split(' '));
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Empty(result.Output);
        Assert.Equal(2, result.ErrorLines.Length);
        Assert.StartsWith("llicm", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains(part, result.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith("Help: llicm", result.ErrorLines[1], StringComparison.Ordinal);
        Assert.Equal(["a.png"], Files);
    }
}
