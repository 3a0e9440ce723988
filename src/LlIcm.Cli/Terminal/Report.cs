using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>Whether progress may be shown: only to a person.</summary>
    public bool ShowsProgress => !_quiet && !Console.IsErrorRedirected;

    /// <summary>Reports an input that is done.</summary>
    /// <param name="json">Its fields.</param>
    /// <param name="text">Writes the same for a person.</param>
    public void Success(JsonObject json, Action<TextWriter> text)
    {
        if (_json) Console.Out.WriteLine(json.ToJsonString(s_line));
        else if (!_quiet) text(Text);
    }

    /// <summary>Reports an input that failed.</summary>
    /// <param name="input">The input; null for what concerns the whole command.</param>
    /// <param name="failure">What went wrong.</param>
    public void Failed(string? input, Failure failure)
    {
        Console.Error.WriteLine($"llicm: {failure.Message}");
        if (!_json || input is null) return;
        var fields = new JsonObject
        {
            ["input"] = input,
            ["ok"] = false,
            ["exit_code"] = (int)failure.Code,
            ["error"] = failure.Message,
        };
        Console.Out.WriteLine(fields.ToJsonString(s_line));
    }
}
