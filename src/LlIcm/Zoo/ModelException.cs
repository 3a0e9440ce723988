namespace LlIcm;

/// <summary>A model that is missing, unusable, or not the one a file needs; one line of text.</summary>
public sealed class ModelException : Exception
{
    /// <summary>An error with one line of text.</summary>
    /// <param name="message">The line.</param>
    /// <param name="concernsFile">Whether the model is fine, and only one file needs another.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public ModelException(string message, bool concernsFile = false, Exception? inner = null) : base(message, inner) => ConcernsFile = concernsFile;

    /// <summary>Whether the model is fine, and only one file needs another: other files may still be worked on.</summary>
    public bool ConcernsFile { get; }
}
