using LlIcm.Imaging;
using LlIcm.Quality;

namespace LlIcm.Benchmark;

/// <summary>Rate–distortion curves over a set of pictures.</summary>
public static class CodecSweep
{
    /// <summary>Codes every picture at every setting.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <param name="cancellation">Checked before each picture.</param>
    /// <returns>One point a setting, in the codec's order.</returns>
    public static IReadOnlyList<RatePoint> Run(
        ICodecUnderTest codec, IReadOnlyList<Picture> pictures, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var points = new List<RatePoint>();
        foreach (double setting in codec.Settings)
        {
            var results = new List<(double Bpp, double Psnr, double MsSsim)>();
            foreach (Picture picture in pictures)
            {
                cancellation.ThrowIfCancellationRequested();
                (int bytes, Picture decoded) = codec.Code(picture, setting);
                double similarity = Math.Min(picture.Width, picture.Height) > 160
                    ? FullReference.MsSsim(picture, decoded) : double.NaN;
                results.Add((8.0 * bytes / ((long)picture.Width * picture.Height), FullReference.Psnr(picture, decoded), similarity));
                progress?.Report((points.Count + (double)results.Count / pictures.Count) / codec.Settings.Count);
            }
            points.Add(new RatePoint(
                setting, results.Average(r => r.Bpp), results.Average(r => r.Psnr), results.Average(r => r.MsSsim)));
        }
        return points;
    }
}
