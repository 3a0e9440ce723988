using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>A picture that was coded and decoded again.</summary>
/// <param name="Bytes">Length of the file: the rate counts every one of them.</param>
/// <param name="Decoded">What the decoder gives.</param>
public sealed record CodedPicture(long Bytes, Picture Decoded)
{
    /// <summary>Seconds of encoding.</summary>
    public double EncodeSeconds { get; init; }

    /// <summary>Seconds of decoding.</summary>
    public double DecodeSeconds { get; init; }

    /// <summary>The most memory that a program took, in bytes; null where the codec runs in this process, or the system does not tell.</summary>
    public long? PeakBytes { get; init; }
}
