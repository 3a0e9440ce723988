using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>A bar with percentage and remaining time on standard error, where a person looks at it.</summary>
public static class ProgressDisplay
{
    /// <summary>Runs work under a display.</summary>
    /// <param name="shown">Without, the work runs and nothing is drawn.</param>
    /// <param name="work">The work; it gets the stages to report to.</param>
    public static void Run(bool shown, Action<ProgressStages> work)
    {
        if (!shown)
        {
            work(new ProgressStages(null));
            return;
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context => work(new ProgressStages(context)));
    }
}
