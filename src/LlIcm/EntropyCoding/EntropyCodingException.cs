namespace LlIcm.EntropyCoding;

/// <summary>
/// Thrown when a rANS stream is truncated or corrupt, when a symbol lies outside the coder's range, or when a frequency
/// table is unusable. The message is one line that says what is wrong.
/// </summary>
public sealed class EntropyCodingException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    public EntropyCodingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    /// <param name="inner">The cause.</param>
    public EntropyCodingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
