using System.Diagnostics;

namespace LlIcm.Cli.Tests;

/// <summary>Standard streams that are closed, full, or read by nobody.</summary>
public sealed class StreamTests(RandomModels models) : CliTest(models)
{
    private const string Curves = """{"a": {"bpp": [1, 2], "psnr": [28, 30]}, "b": {"bpp": [1, 2], "psnr": [29, 31]}}""";

    public static TheoryData<string, string> Outputs()
    {
        var members = new TheoryData<string, string>();
        foreach (string command in (string[])["info a.png", "info a.png --json", "bd curves.json", "bd curves.json --csv", "bd curves.json --json", "--help", "info --help", "--version", "models"])
            foreach (string redirection in (string[])[">/dev/full", ">&-"]) members.Add(command, redirection);
        return members;
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Standard_output_that_fails_is_an_output_that_cannot_be_written(string command, string redirection)
    {
        File.WriteAllText(At("curves.json"), Curves);
        (int code, string error) = Shell($"{command} {redirection}");
        Assert.Equal((int)ExitCode.Output, code);
        Assert.Contains("standard output: cannot be written: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public void Standard_error_that_fails_loses_its_text_and_nothing_else(string redirection)
    {
        (int code, _) = Shell($"info none.png a.png none2.png --json >out.txt {redirection}");
        Assert.Equal((int)ExitCode.SomeFailed, code);
        Assert.Equal(3, File.ReadAllLines(At("out.txt")).Length);
        Assert.Equal((int)ExitCode.Usage, Shell($"frobnicate {redirection}").Code);
    }

    [Fact]
    public void Both_can_fail() => Assert.Equal((int)ExitCode.Output, Shell("info a.png >&- 2>&-").Code);

    [Fact]
    public void A_pipe_that_nobody_reads_ends_quietly()
    {
        string inputs = string.Join(' ', Enumerable.Repeat("a.png", 1));
        (int code, string error) = Shell($"info {inputs} --help | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}");
        Assert.Equal(0, code);
        Assert.Empty(error);
    }

    [Fact]
    public void Standard_input_that_is_closed_is_empty()
    {
        (int code, string error) = Shell("info - <&-");
        Assert.Equal((int)ExitCode.Input, code);
        Assert.Contains("-: is empty", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_command_is_named()
    {
        foreach (string[] line in (string[][])[["frobnicate"], ["train", "frobnicate"], ["frobnicate", "--json"]])
        {
            CliResult result = Run(line);
            Assert.Equal((int)ExitCode.Usage, result.Code);
            Assert.Contains("frobnicate: no such command", result.ErrorLines[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Named_pipes_in_a_folder_are_left_out()
    {
        Directory.CreateDirectory(At("in"));
        Save("in/b.png", Pattern(20, 20));
        Process.Start("mkfifo", [At("in/c.png")])!.WaitForExit();
        Assert.Single(Run("info", "in").Succeeds().Lines);
    }

    [Fact]
    public void Two_pictures_that_differ_in_the_extension_alone_are_coded_under_two_names()
    {
        Directory.CreateDirectory(At("in"));
        Save("in/x.png", Pattern(48, 40));
        Save("in/x.jpg", Pattern(48, 40));
        Save("in/y.png", Pattern(48, 40));
        RunModel("compress", "in", "-o", "out").Succeeds();
        Assert.Equal(["out/x.jpg.llic", "out/x.png.llic", "out/y.llic"], Files.Where(file => file.StartsWith("out", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_left_out_of_a_file_is_said()
    {
        byte[] gif = [.. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 10, 20, 30, 200, 210, 220];
        byte[] frame = [0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0A, 0];
        File.WriteAllBytes(At("many.gif"), [.. gif, .. frame, .. frame, .. frame, 0x3B]);
        Assert.Equal(3, Run("info", "many.gif", "--json").Succeeds().Json.GetProperty("images").GetInt32());
        Assert.Contains("the first of 3 pictures", Run("info", "many.gif").Succeeds().Text, StringComparison.Ordinal);
        CliResult result = Run("compare", "many.gif", "many.gif", "--metrics", "psnr");
        Assert.Contains("many.gif: holds 3 pictures: only the first one is taken", result.Error, StringComparison.Ordinal);
    }

    private (int Code, string Error) Shell(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"dotnet '{Cli.Dll}' {command}"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the program does not end");
        output.GetAwaiter().GetResult();
        return (process.ExitCode, error.GetAwaiter().GetResult());
    }
}
