using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace LlIcm.Cli.Tests;

public sealed class TrainTests : CliTest
{
    // A tower of a few kilobytes in memory, a step of milliseconds: what is tested is everything around it.
    private static readonly string[] s_small =
    [
        "--threads", "1", "--set", "batch_size=2", "--set", "crop=48", "--set", "precision=fp32", "--set", "report_every=1",
    ];

    public TrainTests(RandomModels models) : base(models)
    {
        for (int i = 0; i < 3; i++) Save($"photos/{i}.png", Pattern(80, 72, 40 * i));
    }

    [Fact]
    public void A_mixed_model_is_one_of_its_own_and_what_was_there_stays_until_it_is_written()
    {
        Run("train", "mix", Models.Folder, Models.Folder, "-o", "mixed").Succeeds();
        byte[] codec = File.ReadAllBytes(At("mixed/codec.safetensors"));
        Run("compress", "a.png", "--model", "mixed").Succeeds();
        Run("decompress", "a.llic", "--model", "mixed", "-o", "back.png").Succeeds();

        Run("train", "mix", Models.Folder, Models.Broken, "-o", "mixed").Fails(ExitCode.Model, "llicm: ");
        Run("train", "mix", Models.Folder, Models.CodecOnly, "-o", "mixed").Fails(ExitCode.Model, "lacks");
        Run("train", "mix", Models.Folder, "none", "-o", "new").Fails(ExitCode.Model, "there is no model 'none'");
        Assert.Equal((int)ExitCode.Usage, Run("train", "mix", Models.Folder, Models.Folder, "--codec", "1.5", "-o", "new").Code);
        Run("train", "mix", Models.Folder, Models.Folder, "-o", "a.png/new").Fails(ExitCode.Output, "a.png/new: cannot be written");
        Assert.Equal(codec, File.ReadAllBytes(At("mixed/codec.safetensors")));
        Assert.False(Directory.Exists(At("new")));
    }

    [Fact]
    public void A_run_killed_at_any_moment_goes_on_to_the_same_losses()
    {
        string[] arguments = [.. Train("vlm", "photos"), "--set", "steps=30", "--set", "checkpoint_every=3"];
        Cli.Run(Folder, [.. arguments, "-o", "whole", "--quiet"]).Succeeds();
        double[] expected = Losses("whole/vlm.log.jsonl");
        Assert.Equal(30, expected.Length);

        int kills = 0;
        for (int reached = 7; reached < 30; reached += 8)
        {
            using Process process = Cli.Start(Folder, [.. arguments, "-o", "killed", "--resume", "--quiet"]);
            // Wherever it happens to be: within a step, a log line or a checkpoint.
            while (!process.HasExited && Steps("killed/vlm.log.jsonl") < reached) Thread.Sleep(3);
            if (!process.HasExited) kills++;
            // SIGKILL.
            process.Kill();
            process.WaitForExit();
        }
        Assert.True(kills >= 2, "the runs ended before they could be killed");
        Cli.Run(Folder, [.. arguments, "-o", "killed", "--resume", "--quiet"]).Succeeds();
        Assert.Equal(expected, Losses("killed/vlm.log.jsonl"));
        Assert.Equal(File.ReadAllBytes(At("whole/tower.safetensors")), File.ReadAllBytes(At("killed/tower.safetensors")));
        Assert.Empty(Directory.GetFiles(At("killed"), "*.tmp"));
    }

    [Fact]
    public void An_interrupted_run_leaves_a_checkpoint_and_weights()
    {
        using Process process = Cli.Start(Folder, [.. Train("vlm", "photos"), "--set", "steps=100000", "-o", "run", "--quiet"]);
        while (!process.HasExited && Steps("run/vlm.log.jsonl") < 3) Thread.Sleep(20);
        using (Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill();
            Assert.Fail("it did not end");
        }
        Assert.Equal((int)ExitCode.Interrupted, process.ExitCode);
        Assert.True(File.Exists(At("run/vlm.checkpoint.safetensors")));
        Assert.True(File.Exists(At("run/tower.safetensors")));
    }

    [Fact]
    public void The_stages_follow_each_other_and_make_a_model()
    {
        string[] run = ["-o", "run", "--set", "steps=2", "--quiet", "--validation", "photos"];
        Cli.Run(Folder, [.. Train("codec", "photos"), "--set", "crop=64", .. run]).Succeeds();
        Cli.Run(Folder, [.. Train("vlm", "photos"), .. run]).Succeeds();
        Cli.Run(Folder, [.. Train("controller", "photos"), .. run]).Succeeds();
        string[] crops = ["--data", "photos", "--model", "run", "--set", "crop=64", "--threads", "1", "--quiet"];
        Cli.Run(Folder, ["train", "crops", .. crops, "--set", "count=5", "-o", "crops"]).Succeeds();
        byte[] first = File.ReadAllBytes(At("crops/crops-00000.bin"));
        // What is there is kept.
        Cli.Run(Folder, ["train", "crops", .. crops, "--set", "count=5", "-o", "crops"]).Succeeds();
        Assert.Equal(first, File.ReadAllBytes(At("crops/crops-00000.bin")));
        Cli.Run(Folder, ["train", "crops", .. crops, "--set", "count=0", "-o", "none"]).Fails(ExitCode.Input, "count");
        Cli.Run(Folder, ["train", "crops", .. crops, "--set", "count=5", "-o", "a.png/none"]).Fails(ExitCode.Output, "a.png/none");
        Cli.Run(Folder, [.. Train("restorer", "photos"), "-o", "run", "--quiet"]).Fails(ExitCode.Input, "no crops");
        Cli.Run(Folder, [.. Train("restorer", "crops"), "-o", "run", "--set", "steps=2", "--quiet", "--validation", "crops"]).Succeeds();
        Cli.Run(Folder, ["compress", "a.png", "--model", "run", "-o", "a.llic", "--quiet"]).Succeeds();
        Cli.Run(Folder, ["restore", "a.llic", "--model", "run", "-o", "b.png", "--quiet"]).Succeeds();
        Assert.Equal((48, 40), (Load("b.png").Width, Load("b.png").Height));
        foreach (string stage in (string[])["codec", "vlm", "controller", "restorer"])
            Assert.Contains(
                "\"kind\":\"validation\"", File.ReadAllText(At($"run/{stage}.log.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_the_reports_are_plain_lines()
    {
        CliResult result = Cli.Run(Folder, [.. Train("vlm", "photos"), "--set", "steps=3", "-o", "run"]);
        Assert.Equal(0, result.Code);
        Assert.Equal(4, result.ErrorLines.Length);
        Assert.Equal("photos: 3 photographs, 100 % of the samples", result.ErrorLines[0]);
        Assert.All(result.ErrorLines[1..], line => Assert.Matches(
            @"^vlm \d/3  loss [\d.]+, accuracy [\d.]+, gradient [\d.]+, [\d.]+ images/s, [\d.]+ s/step, \d\d:\d\d:\d\d left$", line));
    }

    [Theory]
    [InlineData("--set steps=0", "recipe: steps")]
    [InlineData("--set batch_size=1", "recipe: batch_size")]
    [InlineData("--set precision=fp16", "precision fp16")]
    [InlineData("--recipe none.yaml", "none.yaml")]
    [InlineData("--data none", "none: ")]
    [InlineData("--data empty", "empty: ")]
    [InlineData("--set crop=90", "photos: no usable picture of 3")]
    [InlineData("--validation none", "none: ")]
    [InlineData("--init none.safetensors", "none.safetensors: ")]
    [InlineData("--init a.png", "a.png: ")]
    public void Bad_input_is_one_line_that_names_it(string extra, string part)
    {
        Directory.CreateDirectory(At("empty"));
        string[] arguments = [.. Train("vlm", extra.Contains("--data", StringComparison.Ordinal) ? null : "photos"), .. extra.Split(' ')];
        Cli.Run(Folder, [.. arguments, "-o", "run"]).Fails(ExitCode.Input, part);
        Assert.False(File.Exists(At("run/vlm.checkpoint.safetensors")));
    }

    [Fact]
    public void Going_on_with_other_settings_is_said()
    {
        string[] arguments = [.. Train("vlm", "photos"), "-o", "run", "--set", "steps=2"];
        Run([.. arguments, "--quiet"]).Succeeds();
        Assert.DoesNotContain("note:", Run([.. arguments, "--resume", "--set", "steps=3"]).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(At("more"));
        foreach (string file in Directory.GetFiles(At("photos"))) File.Copy(file, Path.Combine(At("more"), Path.GetFileName(file)));
        string error = Run([.. Train("vlm", "more"), "-o", "run", "--resume", "--set", "steps=4", "--set", "seed=7", "--set", "learning_rate=0.002"]).Error;
        Assert.Contains("note: seed was 2, is 7 now", error, StringComparison.Ordinal);
        Assert.Contains("note: learning_rate was ", error, StringComparison.Ordinal);
        Assert.Contains("note: it was trained on other data", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stepz=3", "--set stepz=3: there is no key 'stepz' here")]
    [InlineData("steps=none", "--set steps=none: 'none' is not of the kind that is needed here")]
    [InlineData("steps=99999999999999999999", "--set steps=99999999999999999999: ")]
    [InlineData("steps=[1]", "--set steps=[1]: a value of another kind")]
    [InlineData("data.sources.path=x", "--set data.sources.path=x: a value of another kind")]
    [InlineData("precision=fp8", "--set precision=fp8: 'fp8' is none of")]
    [InlineData("steps", "--set steps: not of the form KEY=VALUE")]
    [InlineData("steps=", "--set steps=: not of the form KEY=VALUE")]
    [InlineData("=3", "--set =3: not of the form KEY=VALUE")]
    [InlineData("steps=}{", "--set steps=}{: ")]
    public void A_wrong_setting_is_the_command_lines_fault(string setting, string part)
    {
        CliResult result = Run([.. Train("vlm", "photos"), "--set", setting, "-o", "run"]);
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Contains(part, result.ErrorLines[0], StringComparison.Ordinal);
        Assert.DoesNotMatch(@"System\.|LlIcm\.|Int32", result.Error);
        Assert.False(Directory.Exists(At("run")));
    }

    [Fact]
    public void A_preview_is_written_in_the_format_of_its_name_or_refused()
    {
        Run("train", "preview", "--data", "photos", "--recipe", "crop.yaml", "-o", "s.jpg").Fails(ExitCode.Input, "crop.yaml");
        File.WriteAllText(At("crop.yaml"), "crop: 48\nsteps: 3\n");
        Run("train", "preview", "--data", "photos", "--recipe", "crop.yaml", "-o", "s.jpg").Succeeds();
        Assert.Equal(LlIcm.Imaging.PictureFormat.Jpeg, LlIcm.Imaging.PictureFile.Identify(At("s.jpg")).Format);
        CliResult refused = Run("train", "preview", "--data", "photos", "--recipe", "crop.yaml", "-o", "s.gif");
        Assert.Equal((int)ExitCode.Usage, refused.Code);
    }

    [Theory]
    [InlineData("soon", "soon")]
    [InlineData("0", "--peer-timeout takes a positive number of seconds")]
    public void A_peer_timeout_is_a_number_of_seconds(string value, string part)
    {
        CliResult result = Run([.. Train("vlm", "photos"), "-o", "run", "--peer-timeout", value]);
        Assert.Equal((int)ExitCode.Usage, result.Code);
        Assert.Contains(part, result.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_of_a_recipe_is_named_with_its_file_and_line()
    {
        File.WriteAllText(At("recipe.yaml"), "steps: 3\nlerning_rate: 0.1\n");
        CliResult result = Cli.Run(Folder, [.. Train("vlm", "photos"), "--recipe", "recipe.yaml", "-o", "run"]);
        result.Fails(ExitCode.Input, "recipe.yaml: line 2");
        Assert.Contains("lerning_rate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_architecture_is_refused_and_stays()
    {
        Directory.CreateDirectory(At("run"));
        Cli.Run(Folder, [.. Train("vlm", "photos"), "--set", "steps=2", "-o", "run", "--quiet"]).Succeeds();
        File.Move(At("run/vlm.checkpoint.safetensors"), At("run/codec.checkpoint.safetensors"));
        byte[] before = File.ReadAllBytes(At("run/codec.checkpoint.safetensors"));
        Cli.Run(Folder, [.. Train("codec", "photos"), "--set", "crop=64", "-o", "run", "--resume"])
            .Fails(ExitCode.Input, "run/codec.checkpoint.safetensors: not a checkpoint of this recipe");
        Assert.Equal(before, File.ReadAllBytes(At("run/codec.checkpoint.safetensors")));
    }

    [Fact]
    public void A_full_disk_is_named_and_the_last_checkpoint_stays()
    {
        string[] arguments = [.. Train("vlm", "photos"), "-o", "run", "--quiet", "--set", "steps=6", "--set", "checkpoint_every=3"];
        Cli.Run(Folder, [.. arguments, "--set", "steps=3"]).Succeeds();
        byte[] before = File.ReadAllBytes(At("run/vlm.checkpoint.safetensors"));
        // A limit on the size of files, which writes meet as they meet a full disk: with an error in their middle.
        string command = "trap '' XFSZ; ulimit -f 100; exec dotnet \"$@\"";
        var start = new ProcessStartInfo("bash", ["-c", command, "bash", Cli.Dll, .. arguments, "--resume"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        new CliResult(process.ExitCode, [], error).Fails(ExitCode.Output, "run/vlm.checkpoint.safetensors: cannot be written");
        Assert.Equal(before, File.ReadAllBytes(At("run/vlm.checkpoint.safetensors")));
        Assert.Empty(Directory.GetFiles(At("run"), "*.tmp"));
    }

    [Theory]
    [InlineData("codec", 2, "accumulate=1")]
    [InlineData("codec", 3, "clip_samples=0.5")]
    [InlineData("vlm", 3, "accumulate=1")]
    public void Several_processes_make_the_losses_of_one(string stage, int size, string set)
    {
        string[] arguments =
        [
            .. Train(stage, "photos"), "--quiet", "--set", "steps=4", "--set", "batch_size=5",
            "--set", stage == "codec" ? "crop=64" : "crop=48", "--set", set,
        ];
        Cli.Run(Folder, [.. arguments, "-o", "one"]).Succeeds();
        Process[] processes = Together(size, [.. arguments, "-o", "many"]);
        foreach (Process process in processes) End(process, 0);
        double[] expected = Losses($"one/{stage}.log.jsonl"), actual = Losses($"many/{stage}.log.jsonl");
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], Math.Abs(expected[i]) * 1e-4);
    }

    [Fact]
    public void A_lost_process_ends_the_others_with_an_error_and_leaves_the_checkpoint()
    {
        string[] arguments =
            [.. Train("vlm", "photos"), "--quiet", "--set", "steps=100000", "--set", "checkpoint_every=2", "-o", "many"];
        Process[] processes = Together(2, arguments);
        while (!processes.Any(each => each.HasExited) && Steps("many/vlm.log.jsonl") < 5) Thread.Sleep(20);
        processes[1].Kill();
        processes[1].WaitForExit();
        CliResult result = End(processes[0], (int)ExitCode.Input);
        result.Fails(ExitCode.Input, "process 0 of 2 lost another one");
        Assert.Contains("many/vlm.checkpoint.safetensors", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(At("many"), "*.tmp"));
        // It is whole: a single process goes on from it.
        Cli.Run(Folder, [.. arguments, "--resume", "--set", "steps=4"]).Succeeds();
    }

    [Theory]
    [InlineData("RANK", "2", "RANK=2")]
    [InlineData("WORLD_SIZE", "two", "WORLD_SIZE=two")]
    [InlineData("MASTER_PORT", "", "MASTER_PORT is not set")]
    public void A_wrong_launch_is_one_line_that_names_the_variable(string name, string value, string part)
    {
        Dictionary<string, string> environment = Environment(0, 2, 1);
        environment[name] = value;
        Cli.Run(Folder, [.. Train("vlm", "photos"), "-o", "run"], environment: environment).Fails(ExitCode.Input, part);
    }

    private Process[] Together(int size, string[] arguments)
    {
        int port;
        using (var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        }
        return [.. Enumerable.Range(0, size).Select(rank => Cli.Start(Folder, arguments, Environment(rank, size, port)))];
    }

    private static Dictionary<string, string> Environment(int rank, int size, int port) => new()
    {
        ["RANK"] = rank.ToString(CultureInfo.InvariantCulture),
        ["LOCAL_RANK"] = rank.ToString(CultureInfo.InvariantCulture),
        ["WORLD_SIZE"] = size.ToString(CultureInfo.InvariantCulture),
        ["MASTER_ADDR"] = "127.0.0.1",
        ["MASTER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
        ["GLOO_SOCKET_IFNAME"] = "lo",
    };

    private static CliResult End(Process process, int code)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(4)))
        {
            process.Kill();
            Assert.Fail("it did not end");
        }
        var result = new CliResult(process.ExitCode, [], error.GetAwaiter().GetResult());
        Assert.True(result.Code == code, $"exit code {result.Code}: {result.Error}");
        return result;
    }

    private static string[] Train(string stage, string? data) =>
        ["train", stage, .. s_small, .. data is null ? [] : new[] { "--data", data }];

    private double[] Losses(string log) =>
        [.. File.ReadLines(At(log)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble())];

    private int Steps(string log) => File.Exists(At(log)) ? File.ReadLines(At(log)).Count() : 0;
}
