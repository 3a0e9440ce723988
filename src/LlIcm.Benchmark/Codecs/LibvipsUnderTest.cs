using System.Diagnostics;
using System.Globalization;
using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>A codec that libvips has: JPEG (4:2:0 or 4:4:4, optimised, progressive), WebP (4:2:0) or AVIF (4:4:4 or 4:2:0, 8 or 10 bit).</summary>
public sealed class LibvipsUnderTest : ICodecUnderTest
{
    private readonly string _name;
    private readonly PictureFormat _format;
    private readonly PictureSaveOptions _options;

    private LibvipsUnderTest(string name, PictureFormat format, PictureSaveOptions options, IReadOnlyList<double> settings)
    {
        (_name, _format, _options, Settings) = (name, format, options, settings);
        Chroma = format == PictureFormat.WebP || options.Subsampling == ChromaSubsampling.Yuv420 ? "4:2:0" : "4:4:4";
        Name = $"{name} {Chroma}" + (options.BitDepth > 8 ? $" {options.BitDepth} bit" : "");
    }

    /// <summary>The words for <see cref="Of"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["jpeg", "webp", "avif"];

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Chroma { get; }

    /// <inheritdoc/>
    public string Version { get; } = $"libvips {PictureFile.LibraryVersion}";

    /// <inheritdoc/>
    public IReadOnlyList<double> Settings { get; }

    /// <summary>The codec of a name: jpeg, webp, avif.</summary>
    /// <param name="name">The name.</param>
    /// <param name="subsampled">Colour at half resolution; null for what is usual: JPEG yes, AVIF no.</param>
    /// <param name="bits">Bits a sample, of AVIF: 8 or 10.</param>
    /// <param name="effort">0 (fastest) to 9 (smallest); null for 6 (WebP), 5 (AVIF).</param>
    /// <exception cref="ArgumentException">There is no such codec, or it can't do that.</exception>
    public static LibvipsUnderTest Of(string name, bool? subsampled = null, int bits = 8, int? effort = null)
    {
        string known = name.ToLowerInvariant();
        if (bits != 8 && !(known == "avif" && bits == 10)) throw new ArgumentException($"{name} of {bits} bits can't be written: 8, and 10 for avif");
        if (known == "webp" && subsampled == false) throw new ArgumentException("webp has colour at half resolution only (4:2:0)");
        ChromaSubsampling chroma = subsampled ?? known == "jpeg" ? ChromaSubsampling.Yuv420 : ChromaSubsampling.Yuv444;
        return known switch
        {
            "jpeg" => new("JPEG", PictureFormat.Jpeg, new PictureSaveOptions { Subsampling = chroma, Progressive = true },
                [5, 8, 12, 18, 26, 36, 48, 60, 72, 82, 90]),
            "webp" => new("WebP", PictureFormat.WebP, new PictureSaveOptions { Effort = effort ?? 6 }, [1, 5, 12, 22, 35, 50, 65, 80, 90, 95]),
            "avif" => new("AVIF", PictureFormat.Avif, new PictureSaveOptions { Subsampling = chroma, Effort = effort ?? 5, BitDepth = bits },
                [10, 20, 30, 40, 50, 60, 70, 80]),
            _ => throw new ArgumentException($"there is no anchor '{name}': {string.Join(", ", Names)}"),
        };
    }

    /// <summary>The same with other settings: qualities from 1 to 100.</summary>
    public LibvipsUnderTest With(IReadOnlyList<double> settings) => new(_name, _format, _options, settings);

    /// <inheritdoc/>
    public string Command(double setting)
    {
        string how = $"libvips {_format.ToString().ToLowerInvariant()}save Q={setting.ToString(CultureInfo.InvariantCulture)} {Chroma}";
        if (_options.Progressive) how += " progressive";
        if (_options.Effort is { } effort) how += $" effort={effort}";
        return _options.BitDepth > 8 ? $"{how} bitdepth={_options.BitDepth}" : how;
    }

    /// <inheritdoc/>
    public CodedPicture Code(Picture picture, Picture? mask, double setting, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        long begun = Stopwatch.GetTimestamp();
        byte[] file = PictureFile.Encode(picture, _format, _options with { Quality = (int)setting });
        double encoding = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        begun = Stopwatch.GetTimestamp();
        Picture decoded = PictureFile.Load(file, Name);
        return new CodedPicture(file.Length, decoded)
        {
            EncodeSeconds = encoding,
            DecodeSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds,
        };
    }
}
