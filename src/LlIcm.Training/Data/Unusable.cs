using LlIcm.Imaging;

namespace LlIcm.Training.Data;

/// <summary>Tells what makes a file unusable from what ends the work.</summary>
internal static class Unusable
{
    /// <summary>Why a file is skipped, in one line that names it; null where the error is not the file's.</summary>
    /// <remarks>
    /// Whatever a decoder throws is the file's: one bad picture among thousands must not end a run. Cancellation, lack of memory and a
    /// missing library would meet every file.
    /// </remarks>
    public static string? Reason(string path, Exception error)
    {
        if (error is OperationCanceledException or OutOfMemoryException or VipsUnavailableException) return null;
        string message = error.Message.ReplaceLineEndings(" ");
        return message.Contains(path, StringComparison.Ordinal) ? message : $"{path}: {message}";
    }
}
