namespace LlIcm.Torch.Distributed;

/// <summary>An exchange between processes failed: one of them is gone, or did not answer in time.</summary>
public sealed class ProcessLostException : Exception
{
    /// <summary>An error with libtorch's reason.</summary>
    public ProcessLostException(string message) : base(message)
    {
    }
}
