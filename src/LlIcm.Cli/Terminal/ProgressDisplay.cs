using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>A bar with percentage and remaining time on standard error, where a person looks at it.</summary>
public static class ProgressDisplay
{
    /// <summary>Runs work under a display.</summary>
    /// <param name="report">Says whether anything is drawn; and speaks through the display meanwhile.</param>
    /// <param name="work">The work; it gets the stages to report to.</param>
    public static void Run(Report report, Action<ProgressStages> work)
    {
        if (!report.ShowsProgress)
        {
            work(new ProgressStages(null));
            return;
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        report.Live = console;
        try
        {
            Draw(console, work);
        }
        finally
        {
            report.Live = null;
        }
    }

    private static void Draw(IAnsiConsole console, Action<ProgressStages> work) =>
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
