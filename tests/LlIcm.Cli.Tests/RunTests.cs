using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

public sealed class RunTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void The_whole_path_leaves_four_files_and_tells_the_numbers()
    {
        CliResult result = RunModel("run", "a.png", "-o", "out/").Succeeds();
        Assert.Equal(
            ["a.png", "out/a.compare.png", "out/a.decoded.png", "out/a.llic", "out/a.restored.png"], Files);
        Picture compared = Load("out/a.compare.png");
        Assert.True(compared.Width > 3 * 48 && compared.Height > 40, $"{compared.Width}x{compared.Height}");
        Assert.Matches(@"^a\.png: 48x40, ", result.Text);
        Assert.Matches(@"\n  compressed  .* bpp, quality 4, .* dB", result.Text);
        Assert.Matches(@"\n  restored    recognised ", result.Text);
        Assert.Matches(@"\n  time        compress .* s, decompress .* s, restore .* s", result.Text);
        Assert.Matches(@"\n  memory      .*B at most", result.Text);
    }

    [Fact]
    public void The_decoded_picture_is_that_of_the_file()
    {
        JsonElement json = RunModel("run", "a.png", "--json", "-q", "6").Succeeds().Json;
        Assert.Equal(
            [
                "input", "ok", "outputs", "width", "height", "images", "input_bytes", "bytes", "bpp", "quality", "psnr", "ssim", "task",
                "degradation", "probability", "steps", "seed", "model", "seconds", "peak_memory_bytes",
            ],
            json.EnumerateObject().Select(field => field.Name));
        string llic = json.GetProperty("outputs").GetProperty("llic").GetString()!;
        Assert.Equal(new FileInfo(At(llic)).Length, json.GetProperty("bytes").GetInt64());
        RunModel("decompress", llic, "-o", "again.png").Succeeds();
        Assert.Equal(Load("again.png").Rgb, Load("a.decoded.png").Rgb);
        Assert.Equal(
            Quality.FullReference.Psnr(Load("a.png"), Load("again.png")), json.GetProperty("psnr").GetDouble(), 3);
        foreach (string stage in (string[])["load_model", "read", "compress", "decompress", "restore", "write", "total"])
            Assert.True(json.GetProperty("seconds").GetProperty(stage).GetDouble() >= 0);
    }

    [Fact]
    public void Several_inputs_and_transparency_and_one_pixel_go_through()
    {
        byte[] alpha = new byte[20 * 10];
        for (int i = 0; i < alpha.Length; i++) alpha[i] = (byte)i;
        Save("b b.png", new Picture(20, 10, Pattern(20, 10).Rgb, alpha));
        Save("c.png", new Picture(1, 1, [1, 2, 3]));
        CliResult result = RunModel("run", "b b.png", "c.png", "-o", "out", "--json").Succeeds();
        Assert.Equal(2, result.Lines.Length);
        Assert.Equal(8, Directory.GetFiles(At("out")).Length);
        Assert.Equal(alpha, Load("out/b b.decoded.png").Alpha);
        Assert.Equal(alpha, Load("out/b b.restored.png").Alpha);
    }

    [Fact]
    public void An_interrupted_run_leaves_nothing()
    {
        Save("big.png", Pattern(900, 800));
        using Process process = Cli.Start(
            Folder, ["run", "--model", Models.Folder, "big.png", "-o", "out", "--steps", "1000", "--sampler", "posterior"]);
        // At work once ONNX Runtime is loaded; a thousand steps take far longer than this test.
        while (!process.HasExited && !File.ReadAllText($"/proc/{process.Id}/maps").Contains("libonnxruntime", StringComparison.Ordinal))
            Thread.Sleep(50);
        Thread.Sleep(1000);
        Assert.False(process.HasExited);
        using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the program does not end");
        Assert.Equal((int)ExitCode.Interrupted, process.ExitCode);
        Assert.Equal("llicm: interrupted", process.StandardError.ReadToEnd().Trim());
        Assert.Equal(["a.png", "big.png"], Files);
    }
}
