using System.CommandLine;
using System.Text.RegularExpressions;
using LlIcm.Cli.Commands;
using LlIcm.TestSupport;

namespace LlIcm.Cli.Tests;

/// <summary>What the documents say is what the program does.</summary>
public sealed partial class DocumentationTests(RandomModels models) : CliTest(models)
{
    /// <summary>Every command line of the documents: the file, and what follows the program's name.</summary>
    public static TheoryData<string, string> CommandLines
    {
        get
        {
            var lines = new TheoryData<string, string>();
            string[] documents =
            [
                Path.Combine(Repository.Root, "README.md"), Path.Combine(Repository.Root, "models", "compact", "MODEL_CARD.md"),
                .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md"),
                .. Directory.GetFiles(Path.Combine(Repository.Root, "configs"), "*.yaml", SearchOption.AllDirectories),
            ];
            var seen = new HashSet<string>();
            foreach (string document in documents)
            {
                string text = File.ReadAllText(document).Replace("\\\n", " ", StringComparison.Ordinal);
                foreach (Match match in CommandLine().Matches(text))
                {
                    string line = match.Groups[1].Value.Split(" #", 2)[0].Split(" >", 2)[0].Trim().TrimEnd('&').Trim();
                    // Names of commands in running text, and placeholders that stand for whole parts.
                    if (match.Value[0] == '`' && !line.Contains(" -", StringComparison.Ordinal)) continue;
                    if (line.Length == 0 || line.StartsWith("COMMAND", StringComparison.Ordinal) || line.Contains('…') || !seen.Add(line)) continue;
                    lines.Add(Path.GetRelativePath(Repository.Root, document), line);
                }
            }
            return lines;
        }
    }

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void Every_command_line_in_the_documents_is_one_that_the_program_takes(string document, string line)
    {
        string filled = line.Replace("RECIPE.yaml", "configs/compact/joint.yaml", StringComparison.Ordinal)
            .Replace("sweep.yaml", "configs/benchmark/small.yaml", StringComparison.Ordinal);
        foreach ((string name, string value) in ((string, string)[])[("$SLURM_ARRAY_TASK_ID", "1"), ("$SLURM_ARRAY_TASK_COUNT", "2"), ("$((JOB_COMPLETION_INDEX + 1))", "1"), ("$JOB_COMPLETION_INDEX", "0")])
            filled = filled.Replace(name, value, StringComparison.Ordinal);
        ParseResult parsed = Root.Create().Parse(filled);
        Assert.True(parsed.Errors.Count == 0, $"{document}: llicm {line}: {parsed.Errors.FirstOrDefault()?.Message}");
    }

    [Fact]
    public void The_examples_of_the_readme_s_table_work_in_turn()
    {
        Save("a.jpg", Pattern(40, 30));
        Save("b.png", Pattern(48, 40, 3));
        File.WriteAllText(At("curves.json"), """{"x": {"bpp": [0.2, 0.5, 1], "psnr": [28, 31, 34]}, "y": {"bpp": [0.25, 0.6, 1.1], "psnr": [28, 31, 34]}}""");
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string[] examples = [.. Regex.Matches(readme, @"^\| `(\w+)` \| `\./llicm (.*?)` \|", RegexOptions.Multiline).Select(match => match.Groups[2].Value)];
        Assert.True(examples.Length >= 11);
        foreach (string example in examples)
        {
            // Weights that nobody has at hand, hours, minutes.
            if (example.Split(' ')[0] is "score" or "train" or "benchmark") continue;
            CliResult result = Run(example.Split(' '));
            Assert.True(result.Code == 0, $"llicm {example}: {result.Error}");
        }
        Assert.True(File.Exists(At("out/a.restored.png")));
    }

    [GeneratedRegex(@"(?:^[ #]*(?:\w+=\S+ )*|`)(?:\./)?llicm ([^`\n|]*)", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

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

    internal static string Document => File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));
}
