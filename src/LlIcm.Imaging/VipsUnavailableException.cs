namespace LlIcm.Imaging;

/// <summary>libvips, which reads and writes the pictures, cannot be used; the message lists likely causes and their cures.</summary>
public sealed class VipsUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was tried, the likely causes, and the cure of each.</param>
    public VipsUnavailableException(string message) : base(message)
    {
    }
}
