using LlIcm.Imaging;

namespace LlIcm.Benchmark;

/// <summary>A codec before a restorer: it is told which pixels are missing, and may use it.</summary>
public interface IPairCodec
{
    /// <summary>The name in tables, with the chroma format.</summary>
    string Name { get; }

    /// <summary>Whether it fills the holes that a mask tells it of.</summary>
    bool FillsHoles => false;

    /// <summary>Codes a picture and decodes it again.</summary>
    /// <param name="picture">The degraded picture.</param>
    /// <param name="mask">White where pixels are kept; null where none is missing.</param>
    /// <param name="wanted">Quality or bits per pixel. Where a picture can't be as small as told, the lowest quality is taken.</param>
    /// <returns>Bytes of the file, and the decoded picture.</returns>
    (long Bytes, Picture Decoded) Code(Picture picture, Picture? mask, CompressOptions wanted);
}
