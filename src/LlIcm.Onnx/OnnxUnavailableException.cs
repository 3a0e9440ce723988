namespace LlIcm.Onnx;

/// <summary>ONNX Runtime's native library cannot be loaded.</summary>
public sealed class OnnxUnavailableException : Exception
{
    /// <summary>An error with the loader's reason.</summary>
    /// <param name="inner">What the loader said.</param>
    public OnnxUnavailableException(Exception inner)
        : base($"ONNX Runtime could not be loaded: {(inner.InnerException ?? inner).Message.Split('\n', 2)[0].Trim()}", inner)
    {
    }
}
