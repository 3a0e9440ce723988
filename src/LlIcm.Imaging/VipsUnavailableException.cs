namespace LlIcm.Imaging;

/// <summary>libvips cannot be used; the message says what was tried, and lists likely causes and cures.</summary>
public sealed class VipsUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was tried, the likely causes, and the cure of each.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public VipsUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
