using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>Our codec, which fills holes before coding and writes the mask into the file.</summary>
/// <param name="model">The model.</param>
public sealed class LlIcmPairCodec(LlIcmModel model) : IPairCodec
{
    private readonly PictureCodec _codec = new(model);

    /// <inheritdoc/>
    public string Name => $"LL-ICM {model.Name}";

    /// <inheritdoc/>
    public bool FillsHoles => true;

    /// <inheritdoc/>
    public (long Bytes, Picture Decoded) Code(Picture picture, Picture? mask, CompressOptions wanted)
    {
        byte[] file = Compress(picture, wanted with { Mask = mask }).ToArray();
        return (file.Length, _codec.Decompress(LlicFile.Read(file)));
    }

    private LlicFile Compress(Picture picture, CompressOptions wanted)
    {
        try
        {
            return _codec.Compress(picture, wanted);
        }
        catch (PictureCodecException) when (wanted.BitsPerPixel is not null || wanted.TargetBytes is not null)
        {
            return _codec.Compress(picture, wanted with { BitsPerPixel = null, TargetBytes = null, Quality = LlicHeader.MinQuality });
        }
    }
}
