using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>The stages of a command's work, each with its own bar.</summary>
/// <param name="context">The display; null where nothing is drawn.</param>
public sealed class ProgressStages(ProgressContext? context)
{
    /// <summary>Starts a stage: <c>NAME: verb</c>.</summary>
    /// <param name="name">The input.</param>
    /// <param name="verb">What happens to it.</param>
    /// <param name="measured">Whether the share done is known; else the bar only moves.</param>
    public ProgressStage Begin(string name, string verb, bool measured = true)
    {
        if (context is null) return new ProgressStage(null);
        ProgressTask task = context.AddTask(Markup.Escape($"{Path.GetFileName(name)}: {verb}"), maxValue: 1);
        task.IsIndeterminate = !measured;
        return new ProgressStage(task);
    }
}
