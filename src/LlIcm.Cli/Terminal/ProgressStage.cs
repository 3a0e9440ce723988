using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>One stage; disposal ends it.</summary>
/// <param name="task">Its bar; null where nothing is drawn.</param>
public sealed class ProgressStage(ProgressTask? task) : IProgress<double>, IDisposable
{
    /// <summary>Sets the share done, 0 … 1.</summary>
    public void Report(double value)
    {
        if (task is not null) task.Value = value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (task is null) return;
        task.IsIndeterminate = false;
        task.Value = 1;
        task.StopTask();
    }
}
