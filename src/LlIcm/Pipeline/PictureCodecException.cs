namespace LlIcm;

/// <summary>A picture that can't be coded as asked; one line of text.</summary>
public sealed class PictureCodecException : Exception
{
    /// <summary>An error with one line of text.</summary>
    public PictureCodecException(string message) : base(message)
    {
    }
}
