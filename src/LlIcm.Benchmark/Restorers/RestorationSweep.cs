using LlIcm.Benchmark.Restorers;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Tensors;

namespace LlIcm.Benchmark;

/// <summary>Codes, decodes and restores pairs of degraded and clean pictures.</summary>
/// <param name="codec">The codec.</param>
/// <param name="restorer">What restores the decoded pictures.</param>
/// <param name="lpips">LPIPS, or null where its weights are missing.</param>
public sealed class RestorationSweep(IPairCodec codec, IRestorerUnderTest restorer, Lpips? lpips)
{
    /// <summary>Receives each pair's place, its decoded and its restored picture; null: nobody.</summary>
    public Action<int, Picture, Picture>? Made { get; init; }

    /// <summary>Runs over pairs.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="pairs">Degraded pictures, their masks (or null) and targets.</param>
    /// <param name="task">The true task, for restorers that must know it and to count recognitions; null if unknown.</param>
    /// <param name="compression">How they are coded.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Checked before each pair.</param>
    public RestorationPoint Run(
        string name, IReadOnlyList<(Picture Input, Picture? Mask, Picture Target)> pairs, Degradation? task,
        CompressOptions compression, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var rows = new List<double[]>();
        var model = restorer as ModelRestorer;
        int recognised = 0, worse = 0;
        foreach ((Picture input, Picture? mask, Picture target) in pairs)
        {
            cancellation.ThrowIfCancellationRequested();
            (long bytes, Picture decoded) = codec.Code(input, mask, compression);
            Degradation needed = task ?? Degradation.Noisy;
            Picture restored = codec.FillsHoles ? restorer.RestoreFilled(decoded, mask, needed) : restorer.Restore(decoded, mask, needed);
            if (model?.Recognised == task) recognised++;
            Made?.Invoke(rows.Count, decoded, restored);
            double before = FullReference.Psnr(target, decoded), after = FullReference.Psnr(target, restored);
            if (after < before) worse++;
            rows.Add([
                8.0 * bytes / ((long)input.Width * input.Height), before, after,
                FullReference.Ssim(target, decoded), FullReference.Ssim(target, restored),
                Distance(target, decoded), Distance(target, restored),
            ]);
            progress?.Report((double)rows.Count / pairs.Count);
        }
        double Mean(int column) => rows.Average(row => row[column]);
        return new RestorationPoint(
            name, rows.Count, Mean(0), Mean(1), Mean(2), Mean(3), Mean(4),
            lpips is null ? null : Mean(5), lpips is null ? null : Mean(6), worse, task is null || model is null ? null : recognised);
    }

    private double Distance(Picture a, Picture b)
    {
        if (lpips is null) return double.NaN;
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        return lpips.Distance(a, b);
    }
}
