namespace LlIcm.Training;

/// <summary>A recipe, data set or checkpoint that training can't use. The message names the key or the file.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>An error with one line of text.</summary>
    public TrainingException(string message) : base(message)
    {
    }
}
