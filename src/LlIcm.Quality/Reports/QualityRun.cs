using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>Measures many picture files.</summary>
public static class QualityRun
{
    /// <summary>Measures files with several metrics, a batch in memory at a time.</summary>
    /// <param name="files">A name for the row, the picture's path, and the original's path or null.</param>
    /// <param name="metrics">The metrics; all must be no-reference ones where originals are missing.</param>
    /// <param name="progress">Told how many files are done.</param>
    /// <param name="cancellation">Interrupts between two batches.</param>
    /// <returns>A row a file. What cannot be measured or read is a problem in its row.</returns>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public static QualityReport Measure(
        IReadOnlyList<(string Name, string Distorted, string? Reference)> files, IReadOnlyList<QualityMetric> metrics,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(metrics);
        var report = new QualityReport(metrics.Select(metric => metric.Info));
        int done = 0;
        foreach ((string Name, string Distorted, string? Reference)[] batch in
            files.Chunk(metrics.Select(metric => metric.BatchSize).DefaultIfEmpty(1).Max()))
        {
            cancellation.ThrowIfCancellationRequested();
            (PicturePair Pair, string? Problem)[] loaded = [.. batch.Select(Load)];
            PicturePair[] pairs = [.. loaded.Where(each => each.Problem is null).Select(each => each.Pair)];
            IReadOnlyList<QualityValue>[] columns = [.. metrics.Select(metric => metric.Measure(pairs))];
            for (int i = 0, next = 0; i < batch.Length; i++)
            {
                string? problem = loaded[i].Problem;
                int row = problem is null ? next++ : 0;
                report.Add(batch[i].Name, columns.Select(column =>
                    problem is null ? column[row] : new QualityValue(null, null, problem)));
            }
            done += batch.Length;
            progress?.Report(done);
        }
        return report;
    }

    private static (PicturePair, string?) Load((string Name, string Distorted, string? Reference) file)
    {
        try
        {
            Picture? reference = file.Reference is null ? null : PictureFile.Load(file.Reference);
            return (new PicturePair(PictureFile.Load(file.Distorted), reference), null);
        }
        catch (PictureException error)
        {
            return (default, error.Message);
        }
    }
}
