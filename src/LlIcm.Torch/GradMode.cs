using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>Switches the recording of gradients on or off on this thread, until disposed.</summary>
public readonly struct GradMode : IDisposable
{
    private readonly int _before;

    private GradMode(bool on)
    {
        _before = NativeMethods.llt_grad_mode();
        NativeMethods.llt_set_grad_mode(on ? 1 : 0);
    }

    /// <summary>Whether this thread records; where it does not, fresh results may be overwritten in place.</summary>
    public static bool IsEnabled => NativeMethods.llt_grad_mode() != 0;

    /// <summary>Records nothing: the mode for inference.</summary>
    public static GradMode Disable() => new(false);

    /// <summary>Records again, inside a region that does not.</summary>
    public static GradMode Enable() => new(true);

    /// <inheritdoc/>
    public void Dispose() => NativeMethods.llt_set_grad_mode(_before);
}
