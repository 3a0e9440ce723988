using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>Everything that is said: results on standard output, failures on standard error.</summary>
public sealed class Report
{
    private static readonly JsonSerializerOptions s_line = new()
    {
        WriteIndented = false,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly bool _json;
    private readonly bool _quiet;

    /// <summary>A report in one of three manners.</summary>
    /// <param name="json">One JSON object an input on standard output, and nothing else there.</param>
    /// <param name="quiet">No text results, no progress; failures are still said.</param>
    /// <param name="stdoutIsData">Standard output carries a file: text goes to standard error.</param>
    public Report(bool json, bool quiet, bool stdoutIsData = false)
    {
        (_json, _quiet) = (json, quiet);
        Text = stdoutIsData ? Console.Error : Console.Out;
    }

    /// <summary>Where text results go.</summary>
    public TextWriter Text { get; }

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson => _json;

    /// <summary>Whether text results are wanted.</summary>
    public bool IsText => !_json && !_quiet;

    /// <summary>The display that is on, if any: what is said meanwhile has to go through it, or it would tear.</summary>
    internal IAnsiConsole? Live { get; set; }

    /// <summary>Whether progress may be shown: only to a person.</summary>
    public bool ShowsProgress => !_quiet && !Console.IsErrorRedirected;

    /// <summary>Reports an input that is done.</summary>
    /// <param name="json">Its fields.</param>
    /// <param name="text">Writes the same for a person.</param>
    public void Success(JsonObject json, Action<TextWriter> text)
    {
        if (_json)
        {
            Line(Console.Out, Console.IsOutputRedirected, json.ToJsonString(s_line));
        }
        else if (!_quiet)
        {
            using var written = new StringWriter { NewLine = "\n" };
            text(written);
            string all = written.ToString().TrimEnd('\n');
            if (all.Length > 0) Line(Text, Text == Console.Out && Console.IsOutputRedirected, all);
        }
    }

    /// <summary>Says something that whoever reads the result should know, on standard error.</summary>
    /// <param name="text">One line.</param>
    public void Note(string text)
    {
        if (!_quiet) Line(Console.Error, Console.IsErrorRedirected, $"llicm: {text}");
    }

    /// <summary>Reports an input that failed.</summary>
    /// <param name="input">The input; null for what concerns the whole command.</param>
    /// <param name="failure">What went wrong.</param>
    public void Failed(string? input, Failure failure)
    {
        Line(Console.Error, Console.IsErrorRedirected, $"llicm: {failure.Message}");
        if (input is not null) FailedToo(input, failure);
    }

    /// <summary>Reports, to scripts alone, another input that failed for a reason that has been said.</summary>
    /// <param name="input">The input.</param>
    /// <param name="failure">What went wrong.</param>
    public void FailedToo(string input, Failure failure)
    {
        if (!_json) return;
        var fields = new JsonObject
        {
            ["input"] = input,
            ["ok"] = false,
            ["exit_code"] = (int)failure.Code,
            ["error"] = failure.Message,
        };
        try
        {
            Line(Console.Out, Console.IsOutputRedirected, fields.ToJsonString(s_line));
        }
        catch (CliException error) when (error.Code == ExitCode.Output)
        {
            // The failure is said already; where standard output is the one, there is no other place for the line.
        }
    }

    private void Line(TextWriter writer, bool redirected, string text)
    {
        if (Live is null || redirected) writer.WriteLine(text);
        else Live.WriteLine(text);
    }
}
