using LlIcm.Container;
using LlIcm.Imaging;
using LlIcm.Quality;
using LlIcm.Torch;

namespace LlIcm.Benchmark;

/// <summary>Compresses, decodes and restores pairs of degraded and clean pictures.</summary>
/// <param name="model">The model.</param>
/// <param name="lpips">LPIPS, or null where its weights are missing.</param>
public sealed class RestorationSweep(LlIcmModel model, Lpips? lpips)
{
    private readonly PictureCodec _codec = new(model);
    private readonly PictureRestorer _restorer = new(model);

    /// <summary>Runs over pairs.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="pairs">Degraded pictures, their masks (or null) and targets.</param>
    /// <param name="task">The true task, to count recognitions; null if unknown.</param>
    /// <param name="compression">How they are coded. Where a picture can't be as small as told, the codec's lowest quality is taken.</param>
    /// <param name="options">How to restore; a task in it is told to the restorer instead of recognised.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Checked before each pair.</param>
    public RestorationPoint Run(
        string name, IReadOnlyList<(Picture Input, Picture? Mask, Picture Target)> pairs, RestorationTask? task,
        CompressOptions compression, RestoreOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var rows = new List<double[]>();
        int recognised = 0;
        foreach ((Picture input, Picture? mask, Picture target) in pairs)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] file = Code(input, compression with { Mask = mask }).ToArray();
            Picture decoded = _codec.Decompress(LlicFile.Read(file));
            RestorationResult result = _restorer.Restore(decoded, options with { Mask = mask }, null, cancellation);
            if (task is { } expected && PictureRestorer.TaskOf(result.Degradation) == expected) recognised++;
            rows.Add([
                8.0 * file.Length / ((long)input.Width * input.Height),
                FullReference.Psnr(target, decoded), FullReference.Psnr(target, result.Picture),
                FullReference.Ssim(target, decoded), FullReference.Ssim(target, result.Picture),
                Distance(target, decoded), Distance(target, result.Picture),
            ]);
            progress?.Report((double)rows.Count / pairs.Count);
        }
        double Mean(int column) => rows.Average(row => row[column]);
        return new RestorationPoint(
            name, rows.Count, Mean(0), Mean(1), Mean(2), Mean(3), Mean(4),
            lpips is null ? null : Mean(5), lpips is null ? null : Mean(6), task is null ? null : recognised);
    }

    private LlicFile Code(Picture picture, CompressOptions compression)
    {
        try
        {
            return _codec.Compress(picture, compression);
        }
        catch (PictureCodecException) when (compression.BitsPerPixel is not null || compression.TargetBytes is not null)
        {
            return _codec.Compress(picture, compression with { BitsPerPixel = null, TargetBytes = null, Quality = LlicHeader.MinQuality });
        }
    }

    private double Distance(Picture a, Picture b)
    {
        if (lpips is null) return double.NaN;
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        return lpips.Distance(a, b);
    }
}
