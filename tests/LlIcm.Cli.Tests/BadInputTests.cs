namespace LlIcm.Cli.Tests;

public sealed class BadInputTests(RandomModels models) : CliTest(models)
{
    public static TheoryData<string> PictureCommands => ["run", "compress", "restore", "info", "compare"];

    public static TheoryData<string> CodedCommands => ["decompress", "restore", "info"];

    [Theory]
    [MemberData(nameof(PictureCommands))]
    public void Each_command_refuses_what_is_no_picture(string command)
    {
        File.WriteAllBytes(At("empty.png"), []);
        File.WriteAllText(At("text.png"), "This is a text that was given the name of a picture.");
        byte[] png = File.ReadAllBytes(At("a.png"));
        File.WriteAllBytes(At("cut.png"), png[..(png.Length / 2)]);
        Directory.CreateDirectory(At("nothing"));
        string[] before = [.. Files];

        string[] names = ["missing.png", "empty.png", "text.png", "cut.png"];
        // A header is all that `info` reads, and that of a truncated file is whole.
        if (command == "info") names = names[..^1];
        IEnumerable<string> first = command == "compare" ? ["a.png"] : [];
        IEnumerable<string> model = command == "info" ? [] : ["--model", Models.Folder];
        CliResult result = Run([command, .. model, .. first, .. names]);
        Assert.Equal((int)ExitCode.Input, result.Code);
        Assert.Empty(result.Output);
        Assert.Equal(names.Length, result.ErrorLines.Length);
        for (int i = 0; i < names.Length; i++)
            Assert.StartsWith($"llicm: {names[i]}: ", result.ErrorLines[i], StringComparison.Ordinal);

        Run([command, .. model, .. first, "nothing"]).Fails(ExitCode.Input, "nothing: there is no ");
        Run([command, .. model, .. first, "no*match"]).Fails(ExitCode.Input, "no*match: matches no file");
        Assert.Equal(before, Files);
    }

    [Theory]
    [MemberData(nameof(CodedCommands))]
    public void Each_command_refuses_what_is_no_coded_picture(string command)
    {
        Compress();
        byte[] data = File.ReadAllBytes(At("a.llic"));
        File.WriteAllBytes(At("empty.llic"), []);
        File.WriteAllBytes(At("cut.llic"), data[..^5]);
        File.WriteAllBytes(At("short.llic"), data[..7]);
        File.WriteAllBytes(At("long.llic"), [.. data, 0]);
        File.WriteAllText(At("text.llic"), "This is a text.");
        string[] before = [.. Files];

        string[] names = ["missing.llic", "empty.llic", "cut.llic", "short.llic", "long.llic", "text.llic"];
        IEnumerable<string> model = command == "info" ? [] : ["--model", Models.Folder];
        CliResult result = Run([command, .. model, .. names]);
        Assert.Equal((int)ExitCode.Input, result.Code);
        Assert.Equal(names.Length, result.ErrorLines.Length);
        for (int i = 0; i < names.Length; i++)
            Assert.StartsWith($"llicm: {names[i]}: ", result.ErrorLines[i], StringComparison.Ordinal);
        Assert.Equal(before, Files);
    }

    [Fact]
    public void Another_or_a_missing_or_a_broken_model_is_told()
    {
        Compress();
        Run("decompress", "a.llic", "--model", Models.Other).Fails(ExitCode.Model, "a.llic: the file was made with model tiny-");
        Run("decompress", "a.llic", "--model", "none").Fails(ExitCode.Model, "there is no model 'none'");
        Save("b.png", Pattern(20, 20));
        CliResult all = Run("restore", "a.png", "b.png", "--model", "none", "--json").Fails(ExitCode.Model, "llicm: there is no model");
        Assert.Equal(2, all.Lines.Length);
        all = Run("restore", "a.png", "b.png", "--model", Models.CodecOnly, "--json").Fails(ExitCode.Model, "llicm: model 'codec-only' lacks");
        Assert.Equal(2, all.Lines.Length);
        File.Delete(At("b.png"));
        Run("decompress", "a.llic", "--model", Models.Broken).Fails(ExitCode.Model, "codec.safetensors");
        Run("restore", "a.png", "--model", Models.CodecOnly).Fails(ExitCode.Model, "restorer.safetensors");
        Run("run", "a.png", "--model", Models.CodecOnly).Fails(ExitCode.Model, "restorer.safetensors");
        Assert.Equal(["a.llic", "a.png"], Files);
    }

    [Fact]
    public void A_renamed_model_decodes_what_it_coded()
    {
        Compress();
        Directory.CreateDirectory(At("renamed"));
        foreach (string file in Directory.GetFiles(Models.Folder)) File.Copy(file, At("renamed/" + Path.GetFileName(file)));
        Run("decompress", "a.llic", "--model", "renamed").Succeeds();
        Run("info", "a.llic", "--json").Succeeds();
    }

    [Fact]
    public void One_file_of_another_model_does_not_stop_the_others()
    {
        Compress();
        Cli.Run(Folder, ["compress", "--model", Models.Other, "a.png", "-o", "other.llic", "--quiet"]).Succeeds();
        CliResult result = RunModel("decompress", "other.llic", "a.llic");
        Assert.Equal((int)ExitCode.SomeFailed, result.Code);
        Assert.StartsWith("llicm: other.llic: the file was made with model other-", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("a.decoded.png", Files);
    }

    [Fact]
    public void A_folder_of_results_says_how_to_have_them_taken()
    {
        Directory.CreateDirectory(At("out"));
        RunModel("restore", "out").Fails(ExitCode.Input, "out: there is no picture or .llic file in this folder");
        File.Copy(At("a.png"), At("out/a.decoded.png"));
        RunModel("restore", "out").Fails(ExitCode.Input, "but results of earlier calls, e.g. a.decoded.png: name them");
        RunModel("restore", "out/*.png", "-o", "again.png").Succeeds();
        Assert.Contains("again.png", Files);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_told_and_leaves_nothing()
    {
        Compress();
        Directory.CreateDirectory(At("out/a.llic"));
        RunModel("compress", "a.png", "-o", "out").Fails(ExitCode.Output, "out/a.llic: cannot be written");
        RunModel("compress", "a.png", "-o", "a.png/b.llic").Fails(ExitCode.Output, "a.png/b.llic: cannot be written");
        RunModel("decompress", "a.llic", "-o", "a.png/b.png").Fails(ExitCode.Output, "a.png/b.png: cannot be written");
        RunModel("restore", "a.png", "-o", "a.llic/b.png").Fails(ExitCode.Output, "a.llic/b.png: cannot be written");
        Directory.CreateDirectory(At("half/a.compare.png"));
        RunModel("run", "a.png", "-o", "half").Fails(ExitCode.Output, "half/a.compare.png: cannot be written");
        RunModel("compare", "a.png", "a.llic", "--heatmap", "a.png/h.png").Fails(ExitCode.Output, "a.png/h.png");
        Assert.Equal(["a.llic", "a.png"], Files);
    }

    [Fact]
    public void Missing_libraries_are_told_with_causes_and_cures()
    {
        foreach ((string variable, string cure, string[] line) in ((string, string, string[])[])
        [
            ("LLICM_VIPS_LIB", "apt-get install libvips42", ["compress", "a.png", "a.png", "--model", Models.Folder]),
            ("LLICM_TORCH_BRIDGE", "apt-get install libtorch-dev", ["train", "mix", Models.Folder, Models.Other, "-o", "mixed"]),
        ])
        {
            CliResult result = Cli.Run(Folder, line, environment: new Dictionary<string, string> { [variable] = "/nowhere/lib.so" });
            Assert.Equal((int)ExitCode.NativeLibrary, result.Code);
            Assert.Contains(cure, result.Error, StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
        Assert.Equal(["a.png"], Files);
    }

    [Fact]
    public void A_stack_trace_is_there_for_those_who_ask()
    {
        CliResult result = Cli.Run(
            Folder, ["info", "none.llic"], environment: new Dictionary<string, string> { ["LLICM_DEBUG"] = "1" });
        Assert.Equal((int)ExitCode.Input, result.Code);
        Assert.Contains("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_there_is_told() =>
        RunModel("compress", "a.png", "--device", "cuda:99").Fails(ExitCode.NativeLibrary, "--device cuda:99");

    [Theory]
    [InlineData("--quality", "high", "--quality takes a number, not 'high'")]
    [InlineData("--threads", "1.5", "--threads takes a whole number, not '1.5'")]
    [InlineData("--target-size", "big\nger", "--target-size takes ")]
    public void What_is_no_number_is_said_without_the_names_of_types(string option, string value, string said)
    {
        CliResult result = Run("compress", "a.png", option, value);
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Contains(said, result.ErrorLines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }
}
