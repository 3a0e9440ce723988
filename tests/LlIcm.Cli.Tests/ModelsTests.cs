using System.Text.Json;

namespace LlIcm.Cli.Tests;

public sealed class ModelsTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void Every_preset_is_listed_with_its_files()
    {
        CliResult result = Run("models", "--json");
        string presets = Path.Combine(Path.GetDirectoryName(Cli.Dll)!, "models");
        string[] expected = Directory.Exists(presets) ? [.. Directory.GetDirectories(presets).Select(Path.GetFileName).Order()!] : [];
        Assert.Equal(
            expected, result.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()));
        Assert.Equal(expected.Length > 0 ? 0 : (int)ExitCode.Model, result.Code);
    }
}
