using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>Keeps a native tensor alive while a call uses it.</summary>
internal readonly struct TorchLease : IDisposable
{
    private readonly TensorHandle? _handle;

    public TorchLease(TensorHandle? handle)
    {
        if (handle is null) return;
        bool held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
        Pointer = handle.DangerousGetHandle();
    }

    /// <summary>The native tensor; 0 for none.</summary>
    public nint Pointer { get; }

    /// <inheritdoc/>
    public void Dispose() => _handle?.DangerousRelease();
}
