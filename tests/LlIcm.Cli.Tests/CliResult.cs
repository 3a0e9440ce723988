using System.Text.Json;

namespace LlIcm.Cli.Tests;

/// <summary>What a call of the program left.</summary>
public sealed record CliResult(int Code, byte[] Output, string Error)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Output);

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The only JSON object on standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Assert.Single(Lines)).RootElement;

    /// <summary>Asserts success in silence on standard error.</summary>
    public CliResult Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        Assert.Equal("", Error);
        return this;
    }

    /// <summary>Asserts a failure that is said in one line, without a stack trace.</summary>
    public CliResult Fails(ExitCode code, string part)
    {
        Assert.True(Code == (int)code, $"exit code {Code} instead of {(int)code}: {Error}");
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("llicm", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }
}
