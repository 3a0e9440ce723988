using System.Diagnostics;

namespace LlIcm.Cli.Tests;

/// <summary>Everything but training does without libtorch: it is neither needed nor loaded.</summary>
public sealed class EngineTests(RandomModels models) : CliTest(models)
{
    [Theory]
    [InlineData("compact")]
    [InlineData("random")]
    public void NoCommandLoadsLibtorch(string model)
    {
        string name = model == "random" ? Models.Folder : model;
        foreach (string line in (string[])[
            "compress a.png -o a.llic", "info a.llic", "decompress a.llic -o d.png", "restore a.llic -o r.png", "run a.png -o out"])
        {
            string[] words = line.Split(' ');
            Watch([words[0], .. words[0] == "info" ? [] : (string[])["--model", name], .. words[1..]]);
        }
        Watch(["compare", "a.png", "d.png", "--metrics", "psnr,ssim"]);
    }

    [Fact]
    public void NothingIsToldToAnybodyAboutWhatRuns()
    {
        // ONNX Runtime's builds keep an identifier of the machine and a queue of messages in the user's folder, unless they are told not to.
        string home = Directory.CreateDirectory(At("home")).FullName;
        var environment = new Dictionary<string, string> { ["HOME"] = home, ["XDG_CACHE_HOME"] = home, ["XDG_DATA_HOME"] = home, ["CI"] = "", ["GITHUB_ACTIONS"] = "" };
        Cli.Run(Folder, ["compress", "a.png", "-o", "a.llic"], environment: environment).Succeeds();
        Assert.Empty(Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories));
    }

    private void Watch(string[] arguments)
    {
        using Process process = Cli.Start(Folder, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        process.StandardInput.Close();
        bool runtime = false;
        while (!process.WaitForExit(20))
        {
            string maps;
            try
            {
                maps = File.ReadAllText($"/proc/{process.Id}/maps");
            }
            catch (IOException)
            {
                // It ended meanwhile.
                continue;
            }
            Assert.DoesNotContain("libtorch", maps, StringComparison.Ordinal);
            Assert.DoesNotContain("libllicm_torch", maps, StringComparison.Ordinal);
            runtime |= maps.Contains("libonnxruntime", StringComparison.Ordinal);
        }
        output.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {error.GetAwaiter().GetResult()}");
        Assert.True(runtime || arguments[0] is "info" or "compare", "the networks ran somewhere else");
    }
}
