using System.CommandLine;
using LlIcm.Cli.Terminal;

namespace LlIcm.Cli.Commands;

/// <summary>Reports as the common options want them.</summary>
public static class Reports
{
    /// <summary>The report of a command.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="common">The options.</param>
    /// <param name="usesStdout">Whether a result goes to standard output.</param>
    /// <exception cref="CliException">Standard output is wanted twice, or is a terminal.</exception>
    public static Report For(ParseResult parsed, CommonOptions common, bool usesStdout = false)
    {
        bool json = parsed.GetValue(common.Json);
        if (usesStdout && json)
            throw CliException.Usage("standard output cannot carry both the result and --json: name a file with -o");
        if (usesStdout && !Console.IsOutputRedirected)
            throw CliException.Usage("standard output is a terminal: name a file with -o");
        return new Report(json, parsed.GetValue(common.Quiet), usesStdout);
    }
}
