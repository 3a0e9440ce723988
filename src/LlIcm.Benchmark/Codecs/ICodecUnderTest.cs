using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>A codec with a setting that steers the rate, ours or another.</summary>
public interface ICodecUnderTest
{
    /// <summary>The name on curves and in tables, with the chroma format.</summary>
    string Name { get; }

    /// <summary>Resolution of the colour planes: <c>4:4:4</c>, <c>4:2:0</c>, or <c>RGB</c> where the codec has none.</summary>
    string Chroma { get; }

    /// <summary>Name and version of what does the work; with <see cref="Command"/> all that a result depends on beside the picture.</summary>
    string Version { get; }

    /// <summary>Whether it fills the holes that a mask tells it of.</summary>
    bool FillsHoles => false;

    /// <summary>Settings of a sweep, from low to high rate.</summary>
    IReadOnlyList<double> Settings { get; }

    /// <summary>The exact command, or the settings of a library, at one setting; files stand in it by their parts: INPUT, OUTPUT.</summary>
    string Command(double setting);

    /// <summary>Codes a picture and decodes it again.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="mask">White (≥ 128) where pixels are kept, black where they are missing, for codecs that use it; null where none is missing.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="BenchmarkException">The codec fails.</exception>
    CodedPicture Code(Picture picture, Picture? mask, double setting, CancellationToken cancellation = default);
}
