using System.CommandLine;
using LlIcm.Cli.Commands;

namespace LlIcm.Cli.Tests;

/// <summary>What the documents say is what the program does.</summary>
public sealed class DocumentationTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void Every_command_and_shared_option_is_documented()
    {
        string text = Document;
        string[] own = ["run", "compress", "decompress", "restore", "info", "compare", "score", "bd", "models"];
        foreach (Command command in Root.Create().Subcommands)
        {
            Assert.Contains($"| `{command.Name}` |", text, StringComparison.Ordinal);
            if (!own.Contains(command.Name)) continue;
            foreach (Option option in command.Options.Where(option => !option.Hidden))
            {
                bool documented = text.Contains($"`{option.Name}", StringComparison.Ordinal);
                Assert.True(documented, $"docs/cli.md lacks {option.Name} of {command.Name}");
            }
        }
    }

    [Fact]
    public void Every_exit_code_is_documented()
    {
        foreach (ExitCode code in Enum.GetValues<ExitCode>())
            Assert.Contains($"| {(int)code} | {code} |", Document, StringComparison.Ordinal);
    }

    internal static string Document => File.ReadAllText(Path.Combine(Repository, "docs", "cli.md"));

    internal static string Repository
    {
        get
        {
            DirectoryInfo? at = new(AppContext.BaseDirectory);
            while (at is not null && !File.Exists(Path.Combine(at.FullName, "LlIcm.slnx"))) at = at.Parent;
            return at!.FullName;
        }
    }
}
