using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>No codec: what the restorer makes of the degraded picture itself.</summary>
public sealed class NoPairCodec : IPairCodec
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public (long Bytes, Picture Decoded) Code(Picture picture, Picture? mask, CompressOptions wanted) =>
        (3L * picture.Width * picture.Height, picture);
}
