namespace LlIcm.Cli;

/// <summary>A failure that the program found itself: one line, and the exit code that goes with it.</summary>
public sealed class CliException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">What the program ends with.</param>
    /// <param name="message">One line.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public CliException(ExitCode code, string message, Exception? inner = null) : base(message, inner) => Code = code;

    /// <summary>What the program ends with.</summary>
    public ExitCode Code { get; }

    /// <summary>A wrong command line.</summary>
    public static CliException Usage(string message) => new(ExitCode.Usage, message);
}
