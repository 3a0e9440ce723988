using System.Text.Json;
using LlIcm.Quality;
using LlIcm.TestSupport;
using LlIcm.Zoo;

namespace LlIcm.Cli.Tests;

public sealed class ModelsTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void Presets_and_published_weights_are_listed()
    {
        CliResult result = Run("models", "--json").Succeeds();
        string presets = Path.Combine(Path.GetDirectoryName(Cli.Dll)!, "models");
        string[] expected = Directory.Exists(presets) ? [.. Directory.GetDirectories(presets).Select(Path.GetFileName).Order()!] : [];
        JsonElement[] all = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(expected, Names("preset"));
        Assert.Contains("lpips-squeeze", Names("published"));

        IEnumerable<string> Names(string kind) => all
            .Where(each => each.GetProperty("kind").GetString() == kind).Select(each => each.GetProperty("name").GetString()!);
    }

    [Fact]
    public void The_list_says_what_each_metric_needs_where_and_with_which_hash()
    {
        var environment = new Dictionary<string, string> { ["LLICM_MODELS"] = At("store") };
        CliResult result = Cli.Run(Folder, ["models", "--json"], environment: environment).Succeeds();
        Dictionary<string, JsonElement> all = result.Lines.Select(line => JsonDocument.Parse(line).RootElement)
            .Where(each => each.GetProperty("kind").GetString() == "published")
            .ToDictionary(each => each.GetProperty("name").GetString()!);
        string[] metrics = [.. all.Values.SelectMany(each => each.GetProperty("metrics").EnumerateArray()).Select(each => each.GetString()!)];
        Assert.Equal(
            QualityMetric.All.Where(each => each.Model is not null).Select(each => each.Name).Order(), metrics.Order());
        JsonElement vgg = all["lpips-vgg"];
        Assert.Equal(At("store/vgg16-397923af.pth"), vgg.GetProperty("path").GetString());
        Assert.Equal(553_433_881, vgg.GetProperty("bytes").GetInt64());
        Assert.StartsWith("397923af", vgg.GetProperty("sha256").GetString(), StringComparison.Ordinal);
        Assert.All(
            all["q-align"].EnumerateObject().Concat(all["q-align"].GetProperty("files")[0].EnumerateObject()),
            field => Assert.Contains($"`{field.Name}`", DocumentationTests.Document, StringComparison.Ordinal));

        string text = Cli.Run(Folder, ["models"], environment: environment).Succeeds().Text;
        Assert.Contains($"looked for in {At("store")} (LLICM_MODELS)", text, StringComparison.Ordinal);
        foreach (PublishedFile file in PublishedModel.All.SelectMany(model => model.Files))
            Assert.Contains(file.Name, text, StringComparison.Ordinal);
        Assert.Contains(vgg.GetProperty("sha256").GetString()!, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_are_fetched_from_a_server_and_go_on_after_an_interruption()
    {
        await using var server = new TinyServer();
        byte[] content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(300_000);
        server.Files["LIQE.pt"] = content;
        server.CutAfter.Enqueue(100_000);
        var environment = new Dictionary<string, string> { ["LLICM_MODELS"] = At("store"), ["LLICM_MIRROR"] = server.Address };
        CliResult result = await Task.Run(() => Cli.Run(Folder, ["models", "fetch", "liqe"], environment: environment));
        Assert.Equal(At("store/LIQE.pt"), Assert.Single(result.Succeeds().Lines));
        Assert.Equal(content, File.ReadAllBytes(At("store/LIQE.pt")));
        Assert.Contains(server.Requests, request => request.EndsWith("bytes=100000-", StringComparison.Ordinal));
        Assert.False(File.Exists(At("store/LIQE.pt.part")));

        result = await Task.Run(() => Cli.Run(Folder, ["models", "fetch", "liqe-koniq"], environment: environment));
        result.Fails(ExitCode.Model, "liqe_koniq.pt");
        result = await Task.Run(() => Cli.Run(Folder, ["models", "fetch", "nonsense"], environment: environment));
        result.Fails(ExitCode.Model, "no published model 'nonsense'");
    }

    [Fact]
    public void A_folder_is_a_mirror_too_and_none_is_told()
    {
        Directory.CreateDirectory(At("mirror"));
        File.WriteAllBytes(At("mirror/LIQE.pt"), [1, 2, 3]);
        var environment = new Dictionary<string, string> { ["LLICM_MODELS"] = At("store"), ["LLICM_MIRROR"] = "mirror" };
        Cli.Run(Folder, ["models", "fetch", "liqe"], environment: environment).Succeeds();
        Assert.Equal([1, 2, 3], File.ReadAllBytes(At("store/LIQE.pt")));
        environment["LLICM_MIRROR"] = "";
        Cli.Run(Folder, ["models", "fetch", "liqe-koniq"], environment: environment).Fails(ExitCode.Model, "set LLICM_MIRROR");
    }

    [Fact]
    public void A_model_is_exported_with_its_description()
    {
        CliResult result = Run("models", "export", Models.Folder, "-o", "exported", "--json").Succeeds();
        Assert.True(result.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(
            Directory.GetFiles(At("exported")).Select(Path.GetFileName).Order(),
            result.Json.GetProperty("files").EnumerateArray().Select(each => each.GetString()).Order());
        Assert.Contains("model.json", Files.Select(Path.GetFileName));
        Run("models", "export", "nowhere", "-o", "other").Fails(ExitCode.Model, "nowhere");
        Run("models", "export", Models.Folder, "-o", "a.png").Fails(ExitCode.Output, "a.png");
        Assert.False(Directory.Exists(At("other")));
    }

    [Fact]
    public void Published_weights_are_imported_and_verified()
    {
        var environment = new Dictionary<string, string> { ["LLICM_MODELS"] = At("store") };
        Cli.Run(Folder, ["models", "import", "a.png"], environment: environment).Fails(ExitCode.Model, "no published weight file");
        Directory.CreateDirectory(At("from"));
        File.WriteAllBytes(At("from/liqe_koniq.pt"), [1, 2, 3]);
        // What has no published hash is recorded as it came, and compared with that.
        Assert.StartsWith(
            "liqe-koniq", Cli.Run(Folder, ["models", "import", "from"], environment: environment).Succeeds().Text,
            StringComparison.Ordinal);
        Cli.Run(Folder, ["models", "verify"], environment: environment).Succeeds();
        File.WriteAllBytes(At("store/liqe_koniq.pt"), [1, 2, 4]);
        CliResult result = Cli.Run(Folder, ["models", "verify", "liqe-koniq"], environment: environment);
        Assert.Equal((int)ExitCode.Model, result.Code);
        Assert.Contains("liqe_koniq.pt", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
