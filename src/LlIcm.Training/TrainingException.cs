namespace LlIcm.Training;

/// <summary>A recipe, data set or checkpoint that training can't use. The message names the key or the file.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>An error with one line of text.</summary>
    /// <param name="message">One line.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public TrainingException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>Whether the command line is at fault, and no file.</summary>
    public bool IsUsage { get; init; }
}
