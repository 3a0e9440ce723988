namespace LlIcm.Quality;

/// <summary>A measurement that cannot be made: sizes differ, a picture is too small, weights are absent.</summary>
public sealed class QualityException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    public QualityException(string message) : base(message) { }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line that says what is wrong.</param>
    /// <param name="inner">What was caught underneath.</param>
    public QualityException(string message, Exception inner) : base(message, inner) { }
}
