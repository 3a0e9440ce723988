using LlIcm.Quality;

namespace LlIcm.Benchmark;

/// <summary>Bjøntegaard deltas between the restored pictures of two models.</summary>
/// <param name="RateInPsnr">BD-rate at equal PSNR, in percent.</param>
/// <param name="RateInLpips">BD-rate at equal LPIPS, in percent; null without LPIPS.</param>
/// <param name="Psnr">BD-PSNR at equal rate, in dB.</param>
/// <param name="Lpips">BD-LPIPS at equal rate, negative is better; null without LPIPS.</param>
/// <remarks>
/// Restored pictures need not improve with the rate: a codec that keeps more of the noise or rain can make them worse. Then there is no
/// BD-rate, and the deltas at equal rate tell.
/// </remarks>
public sealed record RestorationDelta(
    BjontegaardValue RateInPsnr, BjontegaardValue? RateInLpips, BjontegaardValue Psnr, BjontegaardValue? Lpips)
{
    /// <summary>Compares the points of two models on one set.</summary>
    /// <param name="anchor">What is compared with; two points or more.</param>
    /// <param name="test">What is judged.</param>
    public static RestorationDelta Between(IReadOnlyList<RestorationPoint> anchor, IReadOnlyList<RestorationPoint> test)
    {
        BjontegaardDelta psnr = BjontegaardDelta.Compute(
            CurveOf(anchor, point => point.RestoredPsnr), CurveOf(test, point => point.RestoredPsnr));
        if (anchor[0].RestoredLpips is null || test[0].RestoredLpips is null)
            return new RestorationDelta(psnr.Rate, null, psnr.Metric, null);
        BjontegaardDelta lpips = BjontegaardDelta.Compute(
            CurveOf(anchor, point => point.RestoredLpips!.Value), CurveOf(test, point => point.RestoredLpips!.Value),
            lowerIsBetter: true);
        return new RestorationDelta(psnr.Rate, lpips.Rate, psnr.Metric, lpips.Metric);
    }

    /// <summary>The means of those that have a value.</summary>
    public static RestorationDelta Mean(IReadOnlyList<RestorationDelta> deltas) => new(
        Mean([.. deltas.Select(each => each.RateInPsnr)]), Mean([.. deltas.Select(each => each.RateInLpips)]),
        Mean([.. deltas.Select(each => each.Psnr)]), Mean([.. deltas.Select(each => each.Lpips)]));

    private static BjontegaardValue Mean(IReadOnlyList<BjontegaardValue?> values)
    {
        double[] found = [.. values.Where(each => each?.Value is not null).Select(each => each!.Value!.Value)];
        return found.Length == 0
            ? new BjontegaardValue(null, 0, "no set has a value")
            : new BjontegaardValue(found.Average(), 1);
    }

    private static RateDistortionCurve CurveOf(IReadOnlyList<RestorationPoint> points, Func<RestorationPoint, double> metric) =>
        new(points.Select(point => point.BitsPerPixel), points.Select(metric));
}
