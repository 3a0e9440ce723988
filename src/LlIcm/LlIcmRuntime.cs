using LlIcm.Imaging;
using LlIcm.Onnx;

namespace LlIcm;

/// <summary>What holds for the whole process.</summary>
public static class LlIcmRuntime
{
    /// <summary>
    /// Threads that compute: networks (all cores unless set), and the decoders of pictures (as many, at most 4, unless set). To be set before anything is computed; files do not
    /// depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    /// <exception cref="InvalidOperationException">Something was computed already, with another number.</exception>
    /// <exception cref="VipsUnavailableException">libvips can't be loaded.</exception>
    public static int Threads
    {
        get => OnnxRuntime.Threads;
        set
        {
            OnnxRuntime.Threads = value;
            PictureFile.UseThreads(value);
        }
    }
}
