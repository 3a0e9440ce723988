namespace LlIcm.Tensors;

/// <summary>An error raised by libtorch, or by its use.</summary>
public class TensorException : Exception
{
    /// <summary>An error with libtorch's own text, cut to its first paragraph.</summary>
    /// <param name="message">What went wrong.</param>
    public TensorException(string message) : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="inner">The cause.</param>
    public TensorException(string message, Exception inner) : base(message, inner)
    {
    }
}
