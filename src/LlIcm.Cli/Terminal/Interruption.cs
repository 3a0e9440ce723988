using System.Runtime.InteropServices;
using LlIcm.Cli.Files;

namespace LlIcm.Cli.Terminal;

/// <summary>Ctrl-C and SIGTERM: work is cancelled; where it does not end soon, the process does.</summary>
public sealed class Interruption : IDisposable
{
    // One operator of libtorch cannot be stopped, and may take longer than a person waits.
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    /// <summary>Starts to listen.</summary>
    /// <param name="patience">How long cancelled work may take to end; null: two seconds.</param>
    public Interruption(TimeSpan? patience = null)
    {
        _patience = patience ?? TimeSpan.FromSeconds(2);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested) End();
        _source.Cancel();
        _ = Task.Delay(_patience).ContinueWith(_ => End(), TaskScheduler.Default);
    }

    private static void End()
    {
        AtomicFiles.DeleteAll();
        // A progress display hides the cursor.
        if (!Console.IsErrorRedirected) Console.Error.Write("\e[?25h");
        Console.Error.WriteLine("llicm: interrupted");
        // Not Environment.Exit: it would wait for the thread that is inside libtorch.
        Quit((int)ExitCode.Interrupted);
    }

    private static void Quit(int code)
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(code);
        ExitNow(code);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitNow(int code);
}
