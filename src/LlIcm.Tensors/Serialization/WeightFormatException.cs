namespace LlIcm.Tensors.Serialization;

/// <summary>
/// A weight file that cannot be read: damaged, truncated, hostile, or of a kind this library does not know.
/// </summary>
public sealed class WeightFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong and where.</param>
    public WeightFormatException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong and where.</param>
    /// <param name="inner">What was caught underneath.</param>
    public WeightFormatException(string message, Exception inner) : base(message, inner) { }
}
