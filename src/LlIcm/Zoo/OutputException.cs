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

    /// <summary>Whether an exception is what .NET throws where something can't be written.</summary>
    /// <remarks>The last of the three is said where a file would become too large for its disk.</remarks>
    public static bool Explains(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;
}
