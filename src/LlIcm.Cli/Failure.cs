using LlIcm.Benchmark;
using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Quality;
using LlIcm.Tensors.Serialization;
using LlIcm.Torch;
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
            TorchUnavailableException or OnnxUnavailableException or VipsUnavailableException when IsMemory(error) =>
                (ExitCode.Memory, "not enough memory to load a library"),
            TorchUnavailableException or OnnxUnavailableException or VipsUnavailableException => (ExitCode.NativeLibrary, error.Message),
            DllNotFoundException when IsMemory(error) => (ExitCode.Memory, "not enough memory to load a library"),
            DllNotFoundException or EntryPointNotFoundException => (ExitCode.NativeLibrary, OneLine(error.Message)),
            ModelException or ModelStoreException or WeightFormatException => (ExitCode.Model, OneLine(error.Message)),
            TrainingException { IsUsage: true } => (ExitCode.Usage, OneLine(error.Message)),
            _ when IsMemory(error) => (ExitCode.Memory, "not enough memory"),
            LlicFormatException or PictureException or TrainingException or BenchmarkException => (ExitCode.Input, OneLine(error.Message)),
            OutputException => (ExitCode.Output, OneLine(error.Message)),
            PictureCodecException or QualityException => (ExitCode.Impossible, OneLine(error.Message)),
            _ => (ExitCode.Internal, $"internal error: {error.GetType().Name}: {OneLine(error.Message)}"),
        };
        bool fatal = code is ExitCode.NativeLibrary or ExitCode.Usage or ExitCode.Interrupted
            || (code == ExitCode.Model && error is not ModelException { ConcernsFile: true });
        bool named = input is null || fatal || message.StartsWith(input + ":", StringComparison.Ordinal);
        return new Failure(code, named ? message : $"{input}: {message}") { IsFatal = fatal };
    }

    // Also when it is the cause of what was thrown: a library that cannot be mapped, or a decoder that was refused room.
    private static bool IsMemory(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is OutOfMemoryException || s_memory.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase))) return true;
        return false;
    }

    private static readonly string[] s_memory =
    [
        "can't allocate memory", "out of memory", "cannot allocate memory", "failed to map segment from shared object",
        "memory allocation failed", "MemoryAllocationFailed", "Error creating thread", "Failed to allocate memory", "bad allocation", "std::bad_alloc",
    ];

    private static string OneLine(string message) => message.ReplaceLineEndings("\n").Split('\n', 2)[0].Trim();
}
