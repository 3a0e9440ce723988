using LlIcm.Imaging;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>Times a codec on one picture: the median of several runs after one that warms up.</summary>
public static class CodecClock
{
    private const int Runs = 3;

    /// <summary>Codes a picture several times.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="setting">Its setting.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="BenchmarkException">The codec fails.</exception>
    public static CellResult Time(ICodecUnderTest codec, double setting, Picture picture, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(codec);
        codec.Code(picture, null, setting, cancellation);
        CodedPicture[] runs = [.. Enumerable.Range(0, Runs).Select(_ => codec.Code(picture, null, setting, cancellation))];
        return new CellResult
        {
            Bytes = runs[0].Bytes,
            Seconds = Median(runs.Select(each => each.EncodeSeconds)),
            DecodeSeconds = Median(runs.Select(each => each.DecodeSeconds)),
            PeakBytes = runs.Max(each => each.PeakBytes),
        };
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Runs / 2);
}
