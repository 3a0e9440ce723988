using System.Text.Json;

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
