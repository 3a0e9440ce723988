using System.Diagnostics;
using System.Globalization;
using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>Our codec: real files, written and read. Holes are filled before coding, and the file says which they are.</summary>
/// <param name="model">The model; calls take turns.</param>
public sealed class LlIcmUnderTest(LlIcmModel model) : ICodecUnderTest
{
    private readonly PictureCodec _codec = new(model);

    /// <inheritdoc/>
    public string Name => $"LL-ICM {model.Name}";

    /// <inheritdoc/>
    public string Chroma => "RGB";

    /// <inheritdoc/>
    public string Version => $"LL-ICM, model {model.Identity}";

    /// <inheritdoc/>
    public bool FillsHoles => true;

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings { get; init; } = [1, 2, 3, 4, 5, 6, 7, 8];

    /// <inheritdoc/>
    public string Command(double setting) =>
        $"llicm compress INPUT -o OUTPUT --model {model.Name} -q {setting.ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public CodedPicture Code(Picture picture, Picture? mask, double setting, CancellationToken cancellation = default)
    {
        lock (model)
        {
            long begun = Stopwatch.GetTimestamp();
            byte[] file = _codec.Compress(picture, new CompressOptions { Quality = setting, Mask = mask }, null, cancellation).ToArray();
            double encoding = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            begun = Stopwatch.GetTimestamp();
            Picture decoded = _codec.Decompress(LlicFile.Read(file), null, cancellation);
            return new CodedPicture(file.Length, decoded)
            {
                EncodeSeconds = encoding,
                DecodeSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds,
            };
        }
    }
}
