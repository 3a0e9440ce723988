namespace LlIcm.Quality;

/// <summary>How the networks of metrics are run.</summary>
public sealed record MetricOptions
{
    /// <summary>Files of weights that are used instead of the store's, by the model's name.</summary>
    public IReadOnlyDictionary<string, string> Weights { get; init; } = new Dictionary<string, string>();
}
