using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>An anchor that libvips writes and reads: JPEG (4:2:0, optimised, progressive), WebP or AVIF (4:4:4).</summary>
public sealed class LibvipsUnderTest : ICodecUnderTest
{
    private readonly PictureFormat _format;
    private readonly PictureSaveOptions _options;

    private LibvipsUnderTest(string name, PictureFormat format, PictureSaveOptions options, IReadOnlyList<double> settings) =>
        (Name, _format, _options, Settings) = (name, format, options, settings);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings { get; }

    /// <summary>The anchor of a name: jpeg, webp, avif.</summary>
    /// <exception cref="ArgumentException">There is no such anchor.</exception>
    public static LibvipsUnderTest Of(string name) => name.ToLowerInvariant() switch
    {
        "jpeg" => new("JPEG 4:2:0", PictureFormat.Jpeg,
            new PictureSaveOptions { Subsampling = ChromaSubsampling.Yuv420, Progressive = true },
            [5, 8, 12, 18, 26, 36, 48, 60, 72, 82, 90]),
        "webp" => new("WebP 4:2:0", PictureFormat.WebP, new PictureSaveOptions { Effort = 6 },
            [1, 5, 12, 22, 35, 50, 65, 80, 90, 95]),
        "avif" => new("AVIF 4:4:4", PictureFormat.Avif,
            new PictureSaveOptions { Subsampling = ChromaSubsampling.Yuv444, Effort = 5 }, [10, 20, 30, 40, 50, 60, 70, 80]),
        _ => throw new ArgumentException($"there is no anchor '{name}': jpeg, webp, avif"),
    };

    /// <inheritdoc/>
    public (int Bytes, Picture Decoded) Code(Picture picture, double setting)
    {
        byte[] file = PictureFile.Encode(picture, _format, _options with { Quality = (int)setting });
        return (file.Length, PictureFile.Load(file, Name));
    }
}
