using LlIcm.Zoo;

namespace LlIcm.Quality;

/// <summary>Some metrics that are measured together and share what they can.</summary>
public sealed class MetricSet : IDisposable
{
    private readonly MetricModels _models;

    private MetricSet(IReadOnlyList<QualityMetric> metrics, MetricModels models) => (Metrics, _models) = (metrics, models);

    /// <summary>The metrics, in the order asked for.</summary>
    public IReadOnlyList<QualityMetric> Metrics { get; }

    /// <summary>How many pictures at a time are measured fastest.</summary>
    public int BatchSize => Metrics.Select(metric => metric.BatchSize).DefaultIfEmpty(1).Max();

    /// <summary>Makes metrics ready.</summary>
    /// <param name="names">Names as <see cref="QualityMetric.Find"/> takes them; one that is named twice is measured once.</param>
    /// <param name="store">Where weights are looked for.</param>
    /// <param name="options">How networks are run; null for the defaults.</param>
    /// <exception cref="QualityException">There is no metric of a name.</exception>
    /// <exception cref="ModelStoreException">Weights are missing or unusable; the message says what to put where.</exception>
    public static MetricSet Open(IEnumerable<string> names, ModelStore store, MetricOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(store);
        var models = new MetricModels(store, options ?? new MetricOptions());
        var metrics = new List<QualityMetric>();
        try
        {
            foreach (MetricInfo info in names.Select(QualityMetric.Find).Distinct())
                metrics.Add(QualityMetric.Open(info, models));
            return new MetricSet(metrics, models);
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }

    /// <summary>Measures pictures with each metric.</summary>
    /// <param name="pairs">The pictures; as many as fit into memory together.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Checked between two metrics.</param>
    /// <returns>For each picture a value of each metric.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<QualityValue[]> Measure(
        IReadOnlyList<PicturePair> pairs, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var columns = new List<IReadOnlyList<QualityValue>>();
        foreach (QualityMetric metric in Metrics)
        {
            cancellation.ThrowIfCancellationRequested();
            int done = columns.Count;
            columns.Add(metric.Measure(pairs, progress is null ? null : new Part(progress, done, Metrics.Count)));
            progress?.Report((done + 1.0) / Metrics.Count);
        }
        return [.. pairs.Select((_, row) => columns.Select(column => column[row]).ToArray())];
    }

    /// <inheritdoc/>
    public void Dispose() => _models.Dispose();

    private sealed class Part(IProgress<double> whole, int index, int count) : IProgress<double>
    {
        public void Report(double value) => whole.Report((index + value) / count);
    }
}
