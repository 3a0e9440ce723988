namespace LlIcm;

/// <summary>A file or folder that can't be written; one line of text that names it.</summary>
public sealed class OutputException : Exception
{
    /// <summary>An error with one line of text.</summary>
    /// <param name="place">The file or folder.</param>
    /// <param name="cause">What went wrong.</param>
    public OutputException(string place, Exception cause) : base($"{place}: cannot be written: {cause.Message}", cause)
    {
    }
}
