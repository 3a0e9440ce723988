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
