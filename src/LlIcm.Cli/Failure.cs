using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Quality;
using LlIcm.Torch;
using LlIcm.Torch.Serialization;
using LlIcm.Training;
using LlIcm.Zoo;

namespace LlIcm.Cli;

/// <summary>What went wrong, for a person (a line) and for a script (a code).</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Message">One line; several only for a missing native library, where causes and cures are listed.</param>
public sealed record Failure(ExitCode Code, string Message)
{
    /// <summary>Whether going on with the next input is useless: it would fail in the same way.</summary>
    public bool IsFatal { get; private init; }

    /// <summary>Explains an exception.</summary>
    /// <param name="error">What was caught.</param>
    /// <param name="input">The input at work, put before messages that do not name it.</param>
    public static Failure Of(Exception error, string? input = null)
    {
        (ExitCode code, string message) = error switch
        {
            CliException own => (own.Code, own.Message),
            OperationCanceledException => (ExitCode.Interrupted, "interrupted"),
            TorchUnavailableException or OnnxUnavailableException or VipsUnavailableException => (ExitCode.NativeLibrary, error.Message),
            DllNotFoundException or EntryPointNotFoundException => (ExitCode.NativeLibrary, OneLine(error.Message)),
            ModelException or ModelStoreException or WeightFormatException => (ExitCode.Model, OneLine(error.Message)),
            LlicFormatException or PictureException or TrainingException => (ExitCode.Input, OneLine(error.Message)),
            OutputException => (ExitCode.Output, OneLine(error.Message)),
            PictureCodecException or QualityException => (ExitCode.Impossible, OneLine(error.Message)),
            OutOfMemoryException => (ExitCode.Memory, "not enough memory"),
            TorchException when IsMemory(error.Message) => (ExitCode.Memory, "not enough memory"),
            _ => (ExitCode.Internal, $"internal error: {error.GetType().Name}: {OneLine(error.Message)}"),
        };
        bool fatal = code is ExitCode.NativeLibrary or ExitCode.Usage or ExitCode.Interrupted
            || (code == ExitCode.Model && error is not ModelException { ConcernsFile: true });
        bool named = input is null || fatal || message.StartsWith(input + ":", StringComparison.Ordinal);
        return new Failure(code, named ? message : $"{input}: {message}") { IsFatal = fatal };
    }

    private static bool IsMemory(string message) =>
        message.Contains("can't allocate memory", StringComparison.Ordinal)
        || message.Contains("out of memory", StringComparison.Ordinal)
        || message.Contains("Failed to allocate memory", StringComparison.Ordinal)
        || message.Contains("bad allocation", StringComparison.Ordinal)
        || message.Contains("std::bad_alloc", StringComparison.Ordinal);

    private static string OneLine(string message) => message.ReplaceLineEndings("\n").Split('\n', 2)[0].Trim();
}
