using System.Text.Json;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

public sealed class RestoreTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void A_picture_is_restored_and_what_was_recognised_is_told()
    {
        CliResult result = RunModel("restore", "a.png").Succeeds();
        Assert.Matches(@"^a\.restored\.png: 48x40, recognised [\w\- ]+ \(\d+ %\), \w+, ", result.Text);
        Assert.Equal((48, 40), (Load("a.restored.png").Width, Load("a.restored.png").Height));
    }

    [Fact]
    public void A_coded_picture_is_decoded_first_by_either_command()
    {
        Compress();
        JsonElement json = RunModel("restore", "a.llic", "--json", "-o", "1.png", "--seed", "5", "--steps", "3").Succeeds().Json;
        Assert.Equal(3, json.GetProperty("steps").GetInt32());
        Assert.Equal(5, json.GetProperty("seed").GetInt32());
        Assert.True(json.GetProperty("seconds").GetProperty("decompress").GetDouble() > 0);
        RunModel("decompress", "a.llic", "--restore", "-o", "2.png", "--seed", "5", "--steps", "3").Succeeds();
        Assert.Equal(Load("1.png").Rgb, Load("2.png").Rgb);
    }

    [Fact]
    public void The_task_is_the_one_asked_for_then_the_file_s()
    {
        RunModel("compress", "a.png", "--task", "dehaze", "--quiet").Succeeds();
        Assert.Equal("dehaze", RunModel("restore", "a.llic", "--json").Succeeds().Json.GetProperty("task").GetString());
        JsonElement json = RunModel("restore", "a.llic", "--json", "--task", "derain", "--sampler", "posterior", "--steps", "2").Succeeds().Json;
        Assert.Equal("derain", json.GetProperty("task").GetString());
    }

    [Fact]
    public void Nothing_is_done_where_nothing_is_wrong_or_it_is_unsure()
    {
        Picture picture = Load("a.png");
        CliResult clean = Run("restore", "a.png", "--model", Models.Clean).Succeeds();
        Assert.Matches(@"recognised clean \(100 %\), nothing to repair, ", clean.Text);
        Assert.Equal(picture.Rgb, Load("a.restored.png").Rgb);
        JsonElement json = Run("run", "a.png", "--model", Models.Unsure, "--json").Succeeds().Json;
        Assert.Equal(JsonValueKind.Null, json.GetProperty("task").ValueKind);
        Assert.Equal(0, json.GetProperty("steps").GetInt32());
        Assert.Equal(Load("a.decoded.png").Rgb, Load("a.restored.png").Rgb);
        Assert.Contains("unsure: left as it is", Run("restore", "a.png", "--model", Models.Unsure).Succeeds().Text, StringComparison.Ordinal);
        // Told, it is done.
        Assert.Equal("derain", Run("restore", "a.png", "--model", Models.Clean, "--task", "derain", "--json").Succeeds().Json.GetProperty("task").GetString());
        Run("restore", "a.png", "--model", Models.Clean, "--task", "derain", "--steps", "3", "-o", "x.png").Fails(ExitCode.Impossible, "one evaluation");
        Assert.False(File.Exists(At("x.png")));
    }

    [Fact]
    public void A_file_says_which_pixels_were_missing()
    {
        Picture picture = Pattern(48, 40);
        byte[] mask = new byte[picture.Rgb.Length];
        Array.Fill(mask, (byte)255);
        mask.AsSpan(3 * 48 * 10, 3 * 48 * 10).Clear();
        Save("mask.png", new Picture(48, 40, mask));
        Run("compress", "a.png", "--mask", "mask.png", "--model", Models.Clean, "--quiet").Succeeds();
        JsonElement info = Run("info", "a.llic", "--json").Succeeds().Json;
        Assert.Equal("inpaint", info.GetProperty("task").GetString());
        Assert.InRange(info.GetProperty("holes_bytes").GetInt32(), 1, 60);
        Run("decompress", "a.llic", "--model", Models.Clean, "-o", "decoded.png", "--quiet").Succeeds();
        JsonElement json = Run("restore", "a.llic", "--model", Models.Clean, "--json", "-o", "restored.png").Succeeds().Json;
        Assert.Equal("inpaint", json.GetProperty("task").GetString());
        byte[] decoded = Load("decoded.png").Rgb, restored = Load("restored.png").Rgb;
        for (int i = 0; i < mask.Length; i++)
            if (mask[i] == 255) Assert.Equal(decoded[i], restored[i]);
        Run("run", "a.png", "--mask", "mask.png", "--model", Models.Clean, "-o", "out", "--quiet").Succeeds();
        Save("small.png", Pattern(8, 8));
        Run("compress", "a.png", "--mask", "small.png", "--model", Models.Clean, "-o", "x.llic").Fails(ExitCode.Impossible, "the mask has 8x8");
        Assert.False(File.Exists(At("x.llic")));
    }

    [Fact]
    public void Only_what_the_mask_leaves_out_is_filled()
    {
        Picture picture = Pattern(48, 40);
        byte[] mask = new byte[picture.Rgb.Length];
        Array.Fill(mask, (byte)255);
        for (int i = 3 * 48 * 10; i < 3 * 48 * 20; i++) mask[i] = 0;
        Save("mask.png", new Picture(48, 40, mask));
        JsonElement json = RunModel("restore", "a.png", "--mask", "mask.png", "--json").Succeeds().Json;
        Assert.Equal("inpaint", json.GetProperty("task").GetString());
        byte[] restored = Load("a.restored.png").Rgb;
        for (int i = 0; i < mask.Length; i++)
            if (mask[i] == 255) Assert.Equal(picture.Rgb[i], restored[i]);

        Save("small.png", Pattern(8, 8));
        RunModel("restore", "a.png", "--mask", "small.png", "-o", "x.png").Fails(ExitCode.Impossible, "the mask has 8x8");
        RunModel("restore", "a.png", "--mask", "none.png", "-o", "x.png").Fails(ExitCode.Input, "none.png: no such file");
        Assert.False(File.Exists(At("x.png")));
    }
}
