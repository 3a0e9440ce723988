using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>An anchor at the best of its whole-numbered qualities that needs no more bits than wanted; it sees holes as they are painted.</summary>
/// <param name="codec">The anchor; its settings are qualities.</param>
public sealed class FittedPairCodec(ICodecUnderTest codec) : IPairCodec
{
    private const int Lowest = 1, Highest = 100;

    /// <inheritdoc/>
    public string Name => codec.Name;

    /// <inheritdoc/>
    public (long Bytes, Picture Decoded) Code(Picture picture, Picture? mask, CompressOptions wanted)
    {
        if (wanted.BitsPerPixel is not { } bits) return Of(codec.Code(picture, null, wanted.Quality ?? CompressOptions.DefaultQuality));
        double most = bits * picture.Width * picture.Height / 8;
        (long Bytes, Picture Decoded) best = Of(codec.Code(picture, null, Lowest));
        int low = Lowest, high = Highest + 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (long Bytes, Picture Decoded) found = Of(codec.Code(picture, null, middle));
            if (found.Bytes <= most) (low, best) = (middle, found);
            else high = middle;
        }
        return best;
    }

    private static (long Bytes, Picture Decoded) Of(CodedPicture coded) => (coded.Bytes, coded.Decoded);
}
