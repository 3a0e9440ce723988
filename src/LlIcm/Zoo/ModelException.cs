namespace LlIcm;

/// <summary>A model that is missing, unusable, or not the one a file needs; one line of text.</summary>
public sealed class ModelException : Exception
{
    /// <summary>An error with one line of text.</summary>
    public ModelException(string message) : base(message)
    {
    }
}
