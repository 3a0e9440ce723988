namespace LlIcm.Zoo;

/// <summary>A published weight file that is missing, damaged, or cannot be fetched.</summary>
public sealed class ModelStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong and what helps.</param>
    public ModelStoreException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong and what helps.</param>
    /// <param name="inner">What was caught underneath.</param>
    public ModelStoreException(string message, Exception inner) : base(message, inner) { }
}
