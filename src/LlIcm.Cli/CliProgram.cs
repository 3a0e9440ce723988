using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using LlIcm.Cli.Commands;
using LlIcm.Cli.Terminal;

namespace LlIcm.Cli;

/// <summary>The program: reads the command line, runs the command, turns failures into lines and exit codes.</summary>
public static partial class CliProgram
{
    /// <summary>Set to 1, it adds stack traces to failures.</summary>
    public const string DebugVariable = "LLICM_DEBUG";

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static ExitCode Run(string[] arguments)
    {
        StandardStreams.Guard();
        RootCommand root = Root.Create(arguments.FirstOrDefault());
        if (arguments.Length == 0)
        {
            root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            return ExitCode.Usage;
        }
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            string command = CommandLine(parsed.CommandResult);
            Console.Error.WriteLine($"{command}: {Problem(parsed)}");
            Console.Error.WriteLine($"Help: {command} --help");
            return ExitCode.Usage;
        }
        try
        {
            return (ExitCode)parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception error)
        {
            Failure failure = Failure.Of(error);
            new Report(json: false, quiet: true).Failed(null, failure);
            if (failure.Code == ExitCode.Usage) Console.Error.WriteLine($"Help: {CommandLine(parsed.CommandResult)} --help");
            Trace(error);
            return failure.Code;
        }
    }

    /// <summary>Prints a stack trace where the user asked for it.</summary>
    public static void Trace(Exception error)
    {
        if (Environment.GetEnvironmentVariable(DebugVariable) == "1") Console.Error.WriteLine(error);
    }

    // Of a command that is not there the parser says only that one is needed.
    private static string Problem(ParseResult parsed)
    {
        string? unknown = parsed.CommandResult.Command.Subcommands.Count > 0 ? parsed.UnmatchedTokens.FirstOrDefault() : null;
        return unknown is null || unknown.StartsWith('-') ? WithoutTypes(parsed.Errors[0].Message) : $"{unknown}: no such command";
    }

    // The parser names .NET's types.
    private static string WithoutTypes(string message) => NotANumber().Replace(
        message, match => $"{match.Groups[2]} takes a {(match.Groups[3].Value is "Double" ? "number" : "whole number")}, not '{match.Groups[1]}'");

    [GeneratedRegex(@"^Cannot parse argument '(.*)' for option '(.*)' as expected type '.*System\.(Int32|Int64|UInt64|Double)\]?'\.$", RegexOptions.Singleline)]
    private static partial Regex NotANumber();

    private static string CommandLine(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{CommandLine(parent)} {result.Command.Name}" : "llicm";
}
