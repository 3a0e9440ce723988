using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>A codec with a quality setting, ours or another.</summary>
public interface ICodecUnderTest
{
    /// <summary>The name in tables; says the chroma format where it is not 4:4:4.</summary>
    string Name { get; }

    /// <summary>Settings of a sweep, from low to high rate.</summary>
    IReadOnlyList<double> Settings { get; }

    /// <summary>Codes a picture and decodes it again.</summary>
    /// <returns>The file's length in bytes and the decoded picture.</returns>
    (int Bytes, Picture Decoded) Code(Picture picture, double setting);
}
