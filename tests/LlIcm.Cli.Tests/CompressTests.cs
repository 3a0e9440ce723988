using System.Text.Json;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

public sealed class CompressTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void A_file_lies_beside_its_picture_and_decodes_as_the_library_decodes_it()
    {
        CliResult result = RunModel("compress", "a.png", "-q", "3.5").Succeeds();
        Assert.Matches(@"^a\.llic: 48x40, .* bpp, quality 3\.5, ", result.Text);
        Assert.Equal(["a.llic", "a.png"], Files);
        Assert.Equal(3.5, LlicFile.Identify(File.ReadAllBytes(At("a.llic"))).Header.Quality);

        RunModel("decompress", "a.llic").Succeeds();
        Assert.Equal(["a.decoded.png", "a.llic", "a.png"], Files);
        using LlIcmModel model = LlIcmModel.Load(Models.Folder);
        Picture expected = new PictureCodec(model).Decompress(LlicFile.Read(File.ReadAllBytes(At("a.llic"))));
        Assert.Equal(expected.Rgb, Load("a.decoded.png").Rgb);
    }

    [Fact]
    public void Json_has_one_object_an_input_with_the_documented_fields()
    {
        Save("b.png", Pattern(20, 30));
        CliResult result = RunModel("compress", "a.png", "b.png", "--json", "-o", "out").Succeeds();
        Assert.Equal(2, result.Lines.Length);
        JsonElement first = JsonDocument.Parse(result.Lines[0]).RootElement;
        Assert.Equal(
            [
                "input", "ok", "output", "width", "height", "images", "input_bytes", "bytes", "bpp", "quality", "model", "seconds",
                "peak_memory_bytes",
            ],
            first.EnumerateObject().Select(field => field.Name));
        Assert.Equal("a.png", first.GetProperty("input").GetString());
        Assert.Equal("out/a.llic", first.GetProperty("output").GetString());
        long bytes = new FileInfo(At("out/a.llic")).Length;
        Assert.Equal(bytes, first.GetProperty("bytes").GetInt64());
        Assert.Equal(8.0 * bytes / (48 * 40), first.GetProperty("bpp").GetDouble(), 5);
        Assert.True(first.GetProperty("peak_memory_bytes").GetInt64() > 10_000_000);
        Assert.Equal("b.png", JsonDocument.Parse(result.Lines[1]).RootElement.GetProperty("input").GetString());
    }

    [Fact]
    public void Quiet_says_nothing() => Assert.Empty(RunModel("compress", "a.png", "--quiet").Succeeds().Output);

    [Fact]
    public void Standard_input_goes_to_standard_output_and_back()
    {
        byte[] png = File.ReadAllBytes(At("a.png"));
        CliResult coded = Cli.Run(Folder, ["compress", "--model", Models.Folder, "-"], png);
        Assert.Equal(0, coded.Code);
        Assert.Equal("LLIC"u8.ToArray(), coded.Output[..4]);
        CliResult decoded = Cli.Run(Folder, ["decompress", "--model", Models.Folder, "-", "-o", "-", "--format", "tiff"], coded.Output);
        Assert.Equal(0, decoded.Code);
        Assert.Equal(PictureFormat.Tiff, PictureFile.Identify(decoded.Output, "-").Format);
        Assert.Equal(["a.png"], Files);
    }

    [Fact]
    public void Folders_and_patterns_are_expanded()
    {
        Save("in/1.png", Pattern(16, 16));
        Save("in/deep/2.jpg", Pattern(16, 16));
        File.WriteAllText(At("in/notes.txt"), "not a picture");
        Save("in/1.decoded.png", Pattern(16, 16));
        RunModel("compress", "in", "-o", "out", "--quiet").Succeeds();
        Assert.Equal(["1.llic"], Directory.GetFiles(At("out")).Select(Path.GetFileName));
        RunModel("compress", "in/**/?.???", "-o", "all", "--quiet").Succeeds();
        Assert.Equal(["1.llic", "2.llic"], Directory.GetFiles(At("all")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_size_is_kept_or_refused()
    {
        RunModel("compress", "a.png", "--target-size", "1M", "-o", "big.llic").Succeeds();
        Assert.Equal(8, LlicFile.Identify(File.ReadAllBytes(At("big.llic"))).Header.Quality);
        RunModel("compress", "a.png", "--bpp", "0.01").Fails(ExitCode.Impossible, "a.png: ");
        Assert.False(File.Exists(At("a.llic")));
    }

    [Fact]
    public void A_hint_is_noted()
    {
        RunModel("compress", "a.png", "--task", "derain").Succeeds();
        Assert.Equal(Degradation.Rainy, LlicFile.Identify(File.ReadAllBytes(At("a.llic"))).Header.Degradation);
    }

    [Fact]
    public void The_words_for_no_task_are_taken()
    {
        RunModel("compress", "a.png", "-o", "a.llic", "--task", "none", "--quiet").Succeeds();
        Assert.Null(LlicFile.Identify(File.ReadAllBytes(At("a.llic"))).Header.Degradation);
        RunModel("restore", "a.png", "-o", "b.png", "--task", "auto", "--quiet").Succeeds();
        RunModel("decompress", "a.llic", "-o", "c.png", "--restore", "--task", "auto", "--quiet").Succeeds();
        RunModel("run", "a.png", "-o", "out", "--task", "auto", "--quiet").Succeeds();
    }

    [Fact]
    public void Existing_files_stay_where_that_is_asked()
    {
        File.WriteAllText(At("a.llic"), "precious");
        RunModel("compress", "a.png", "--no-overwrite").Fails(ExitCode.Output, "a.llic: exists already");
        Assert.Equal("precious", File.ReadAllText(At("a.llic")));
        RunModel("compress", "a.png").Succeeds();
        Assert.Equal("LLIC", File.ReadAllText(At("a.llic"))[..4]);
    }

    [Fact]
    public void One_bad_input_of_several_does_not_stop_the_others()
    {
        File.WriteAllText(At("b.png"), "no picture");
        Save("c.png", Pattern(16, 16));
        CliResult result = RunModel("compress", "a.png", "b.png", "c.png", "--json", "-o", "out");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.Contains("b.png", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(3, result.Lines.Length);
        JsonElement failed = JsonDocument.Parse(result.Lines[1]).RootElement;
        Assert.Equal(["input", "ok", "exit_code", "error"], failed.EnumerateObject().Select(field => field.Name));
        Assert.Equal(5, failed.GetProperty("exit_code").GetInt32());
        Assert.Equal(["a.llic", "c.llic"], Directory.GetFiles(At("out")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void One_pixel_is_a_picture()
    {
        Save("p.png", new Picture(1, 1, [200, 100, 50]));
        RunModel("compress", "p.png").Succeeds();
        RunModel("decompress", "p.llic", "-o", "p2.png").Succeeds();
        Assert.Equal((1, 1), (Load("p2.png").Width, Load("p2.png").Height));
    }

    [Fact]
    public void Threads_change_nothing()
    {
        RunModel("compress", "a.png", "-o", "1.llic", "--threads", "1").Succeeds();
        RunModel("compress", "a.png", "-o", "2.llic", "--threads", "2").Succeeds();
        RunModel("decompress", "1.llic", "-o", "1.png", "--threads", "2").Succeeds();
        RunModel("decompress", "2.llic", "-o", "2.png", "--threads", "1").Succeeds();
    }
}
