using System.Text.Json;

namespace LlIcm.Cli.Tests;

public sealed class InfoTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void A_coded_file_is_described_without_model_and_libraries()
    {
        Compress();
        CliResult result = Cli.Run(Folder, ["info", "a.llic", "--json"], environment: new Dictionary<string, string>
        {
            ["LLICM_TORCH_BRIDGE"] = "/nowhere",
            ["LLICM_VIPS_LIB"] = "/nowhere",
        }).Succeeds();
        Assert.Equal(
            [
                "input", "ok", "format", "width", "height", "bytes", "bpp", "quality", "model", "grey", "alpha", "task",
                "hyper_bytes", "latent_bytes", "boundary_bytes", "boundary_count", "alpha_bytes", "holes_bytes", "exif", "xmp",
            ],
            result.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(48, result.Json.GetProperty("width").GetInt32());
        Assert.StartsWith("tiny-", result.Json.GetProperty("model").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, result.Json.GetProperty("task").ValueKind);
        Assert.Matches(@"^a\.llic: 48x40, ", Run("info", "a.llic").Succeeds().Text);
    }

    [Fact]
    public void A_picture_is_described_too()
    {
        JsonElement json = Run("info", "a.png", "--json").Succeeds().Json;
        Assert.Equal("png", json.GetProperty("format").GetString());
        Assert.Equal(3, json.GetProperty("channels").GetInt32());
    }

    [Fact]
    public void Every_damaged_byte_is_noticed()
    {
        Compress();
        byte[] data = File.ReadAllBytes(At("a.llic"));
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"{i}.llic")];
        for (int i = 0; i < names.Length; i++)
        {
            byte[] damaged = [.. data];
            damaged[i * (data.Length - 1) / (names.Length - 1)] ^= 16;
            File.WriteAllBytes(At(names[i]), damaged);
        }
        CliResult result = Run(["info", .. names]);
        Assert.Equal((int)ExitCode.Input, result.Code);
        Assert.Empty(result.Output);
        Assert.Equal(names.Length, result.ErrorLines.Length);
    }
}
