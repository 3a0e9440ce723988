namespace LlIcm.Tensors;

/// <summary>Switches the recording of gradients on or off on this thread, until disposed.</summary>
public readonly struct GradMode : IDisposable
{
    private readonly TensorEngine _engine;
    private readonly bool _before;

    private GradMode(bool on)
    {
        _engine = TensorEngine.Current;
        _before = _engine.SetGradMode(on);
    }

    /// <summary>
    /// Whether this thread records; where it does not, fresh results may be overwritten in place. An engine without gradients says
    /// yes: a recorded graph has no places.
    /// </summary>
    public static bool IsEnabled => TensorEngine.Current.RecordsGradients;

    /// <summary>Records nothing: the mode for inference.</summary>
    public static GradMode Disable() => new(false);

    /// <summary>Records again, inside a region that does not.</summary>
    public static GradMode Enable() => new(true);

    /// <inheritdoc/>
    public void Dispose() => _engine.SetGradMode(_before);
}
