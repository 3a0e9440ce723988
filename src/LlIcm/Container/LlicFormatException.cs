namespace LlIcm.Container;

/// <summary>
/// Thrown when data are not a usable .llic file: foreign, cut off, damaged, hostile or too new. The message is one line
/// that says what is wrong.
/// </summary>
public sealed class LlicFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    public LlicFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    /// <param name="inner">The cause.</param>
    public LlicFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
