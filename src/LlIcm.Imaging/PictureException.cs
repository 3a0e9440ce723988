namespace LlIcm.Imaging;

/// <summary>A picture could not be read or written; the message is one line: which file, what is wrong.</summary>
public sealed class PictureException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">One line: the file's name, a colon, what is wrong.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public PictureException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
