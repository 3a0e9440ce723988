using LlIcm.Training;
using Spectre.Console;

namespace LlIcm.Cli.Terminal;

/// <summary>What a training run says on standard error: a bar where a person looks at it, lines in a file.</summary>
public static class TrainingDisplay
{
    /// <summary>Runs a stage under a display.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="quiet">Nothing is shown.</param>
    /// <param name="train">The run; it gets what receives lines, and what receives each step (null where nothing is drawn).</param>
    public static void Run(string stage, bool quiet, Action<Action<string>, Action<RunProgress>?> train)
    {
        if (quiet) train(_ => { }, null);
        else if (Console.IsErrorRedirected) train(Console.Error.WriteLine, null);
        else Draw(stage, train);
    }

    private static void Draw(string stage, Action<Action<string>, Action<RunProgress>?> train)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(stage), maxValue: 1);
                train(
                    line => console.WriteLine(line),
                    progress =>
                    {
                        task.Value = (double)progress.Step / progress.Steps;
                        task.Description = Markup.Escape(Describe(progress));
                    });
            });
    }

    private static string Describe(RunProgress progress)
    {
        string values = string.Join(' ', progress.Values.Take(4).Select(each => Display.Text($"{each.Name} {each.Value:0.000}")));
        TimeSpan left = progress.Remaining;
        return Display.Text(
            $"{progress.Stage} {progress.Step}/{progress.Steps}  {values}  {progress.SamplesPerSecond:0.0} images/s  {(int)left.TotalHours}:{left:mm\\:ss}");
    }
}
