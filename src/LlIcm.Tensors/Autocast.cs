namespace LlIcm.Tensors;

/// <summary>Runs convolutions and matrix products in a narrower type on this thread, until disposed.</summary>
public readonly struct Autocast : IDisposable
{
    [ThreadStatic]
    private static bool t_onCpu;

    private readonly TensorEngine _engine;
    private readonly Device _device;
    private readonly bool _before;
    private readonly ScalarType _type;

    /// <summary>Switches autocast on or off.</summary>
    /// <param name="device">The device whose operators are meant.</param>
    /// <param name="type"><see cref="ScalarType.BFloat16"/>, or on CUDA <see cref="ScalarType.Half"/>.</param>
    /// <param name="enabled">False suspends it within a region that has it.</param>
    /// <exception cref="TensorException">The engine has no narrower types.</exception>
    public Autocast(Device device, ScalarType type = ScalarType.BFloat16, bool enabled = true)
    {
        _engine = TensorEngine.Current;
        _device = device;
        _type = type;
        _before = _engine.SetAutocast(device, type, enabled);
        if (device.IsCpu) t_onCpu = enabled;
    }

    /// <summary>Whether this thread's operators on processors are narrowed.</summary>
    internal static bool IsOnCpu => t_onCpu;

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.SetAutocast(_device, _type, _before);
        if (_device.IsCpu) t_onCpu = _before;
    }
}
