using System.CommandLine;
using System.CommandLine.Parsing;
using LlIcm.Quality;
using LlIcm.Zoo;

namespace LlIcm.Cli.Commands;

/// <summary>Which metrics are measured, and what with.</summary>
public sealed class MetricChoice
{
    private readonly Option<string[]> _metrics;

    /// <summary>Options of a command.</summary>
    /// <param name="defaults">What is measured where nothing is said, for the help.</param>
    /// <param name="blind">Whether there is no original: then metrics that need one are refused.</param>
    public MetricChoice(string defaults, bool blind)
    {
        IEnumerable<string> known = QualityMetric.All.Where(each => !blind || !each.NeedsReference).Select(each => each.Name);
        _metrics = new Option<string[]>("--metrics")
        {
            HelpName = "NAME,…",
            Description = $"What to measure: {string.Join(", ", known)}. Default: {defaults}.",
            CustomParser = result => Split(result.Tokens),
        };
        // A parser runs when somebody asks for the value; a wrong name has to stop the command before that.
        _metrics.Validators.Add(result =>
        {
            string[] names = Split(result.Tokens);
            foreach (string name in names)
            {
                try
                {
                    if (QualityMetric.Find(name).NeedsReference && blind)
                        result.AddError($"--metrics {name}: needs the original: `llicm compare` measures it");
                }
                catch (QualityException error)
                {
                    result.AddError($"--metrics {name}: {error.Message}");
                }
            }
            if (names.Length == 0) result.AddError("--metrics: names no metric");
        });
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_metrics);
        command.Add(Csv);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Csv) && command.Options.Any(option => option.Name == "--json" && result.GetResult(option) is { Implicit: false }))
                result.AddError("only one of --csv and --json");
        });
    }

    /// <summary>CSV instead of a table.</summary>
    public Option<bool> Csv { get; } = new("--csv")
    {
        Description = "Comma-separated values instead of a table: a row a picture, all digits.",
    };

    /// <summary>The metrics named, by their own names; none where nothing was said.</summary>
    public IReadOnlyList<string> Named(ParseResult parsed) =>
        [.. (parsed.GetValue(_metrics) ?? []).Select(name => QualityMetric.Find(name).Name)];

    /// <summary>Makes metrics ready. ONNX Runtime is loaded only where one needs it.</summary>
    /// <exception cref="ModelStoreException">Weights are missing.</exception>
    public MetricSet Open(
        ParseResult parsed, Job job, IReadOnlyList<string> names, IReadOnlyDictionary<string, string>? weights = null)
    {
        bool networks = names.Any(name => QualityMetric.Find(name).Model is not null);
        if (networks) job.PrepareDevice();
        var options = new MetricOptions { Weights = weights ?? new Dictionary<string, string>() };
        return MetricSet.Open(names, new ModelStore(), options);
    }

    private static string[] Split(IEnumerable<Token> tokens) => [.. tokens.SelectMany(token => token.Value.Split(
        ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
