using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>Our codec: real files, written and read.</summary>
/// <param name="model">The model.</param>
public sealed class LlIcmUnderTest(LlIcmModel model) : ICodecUnderTest
{
    private readonly PictureCodec _codec = new(model);

    /// <inheritdoc/>
    public string Name => $"LL-ICM {model.Name}";

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings { get; init; } = [1, 2, 3, 4, 5, 6, 7, 8];

    /// <inheritdoc/>
    public (int Bytes, Picture Decoded) Code(Picture picture, double setting)
    {
        byte[] file = _codec.Compress(picture, new CompressOptions { Quality = setting }).ToArray();
        return (file.Length, _codec.Decompress(LlicFile.Read(file)));
    }
}
