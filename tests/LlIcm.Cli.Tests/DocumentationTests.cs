using System.CommandLine;
using LlIcm.Cli.Commands;

namespace LlIcm.Cli.Tests;

/// <summary>What the documents say is what the program does.</summary>
public sealed class DocumentationTests(RandomModels models) : CliTest(models)
{
    [Fact]
    public void The_readme_s_example_is_the_one_that_compiles()
    {
        string[] source = File.ReadAllLines(Path.Combine(Repository, "tests", "LlIcm.Cli.Tests", "ReadmeExample.cs"));
        int begin = Array.FindIndex(source, line => line.Trim() == "// README begins");
        int end = Array.FindIndex(source, line => line.Trim() == "// README ends");
        int indent = source[begin].IndexOf('/', StringComparison.Ordinal);
        string example = string.Join('\n', source[(begin + 1)..end].Select(line => line.Length > indent ? line[indent..] : ""));
        string readme = File.ReadAllText(Path.Combine(Repository, "README.md"));
        Assert.Contains(example, readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_readme_s_example_runs()
    {
        Save("rainy.jpg", Pattern(40, 30));
        string before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(Folder);
        try
        {
            ReadmeExample.Run(Models.Folder);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
        Assert.Equal((40, 30), (Load("clean.png").Width, Load("clean.png").Height));
    }

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
