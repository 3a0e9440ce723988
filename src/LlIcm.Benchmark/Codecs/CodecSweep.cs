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
                (long bytes, Picture decoded) = codec.Code(picture, null, setting, cancellation);
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

    /// <summary>BD-rate in PSNR (piecewise cubic) of one curve against another, both cut to a range of rates.</summary>
    /// <param name="anchor">What is compared with.</param>
    /// <param name="test">What is judged.</param>
    /// <param name="from">Lowest rate in bits a pixel.</param>
    /// <param name="to">Highest rate in bits a pixel.</param>
    /// <returns>Percent, negative where <paramref name="test"/> saves rate; or no value and the reason.</returns>
    public static BjontegaardValue RateDifference(
        IReadOnlyList<RatePoint> anchor, IReadOnlyList<RatePoint> test, double from, double to)
    {
        (List<(double, double)> first, List<(double, double)> second) = (Cut(anchor, from, to), Cut(test, from, to));
        if (first.Count == 0 || second.Count == 0)
            return new BjontegaardValue(null, 0, FormattableString.Invariant($"no rate between {from:0.##} and {to:0.##} bits a pixel"));
        return BjontegaardDelta.Compute(CurveOf(first), CurveOf(second)).Rate;
    }

    private static RateDistortionCurve CurveOf(List<(double Rate, double Psnr)> points) =>
        new(points.Select(each => each.Rate), points.Select(each => each.Psnr));

    // Points beyond the range are replaced by the interpolated ones at its ends, where the curve reaches there.
    private static List<(double Rate, double Psnr)> Cut(IReadOnlyList<RatePoint> points, double from, double to)
    {
        RatePoint[] sorted = [.. points.OrderBy(point => point.BitsPerPixel)];
        var kept = new List<(double Rate, double Psnr)>();
        for (int i = 0; i < sorted.Length; i++)
        {
            foreach (double edge in new[] { from, to })
                if (i > 0 && sorted[i - 1].BitsPerPixel < edge && edge < sorted[i].BitsPerPixel)
                    kept.Add((edge, Between(sorted[i - 1], sorted[i], edge)));
            if (sorted[i].BitsPerPixel >= from && sorted[i].BitsPerPixel <= to)
                kept.Add((sorted[i].BitsPerPixel, sorted[i].Psnr));
        }
        return kept;
    }

    // PSNR is nearly linear in the logarithm of the rate.
    private static double Between(RatePoint low, RatePoint high, double rate)
    {
        double share = Math.Log(rate / low.BitsPerPixel) / Math.Log(high.BitsPerPixel / low.BitsPerPixel);
        return low.Psnr + share * (high.Psnr - low.Psnr);
    }
}
