using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>Runs convolutions and matrix products in a narrower type on this thread, until disposed.</summary>
public readonly struct Autocast : IDisposable
{
    [ThreadStatic]
    private static bool t_onCpu;

    private readonly string _device;
    private readonly int _before;
    private readonly ScalarType _type;

    /// <summary>Switches autocast on or off.</summary>
    /// <param name="device">The device whose operators are meant.</param>
    /// <param name="type"><see cref="ScalarType.BFloat16"/>, or on CUDA <see cref="ScalarType.Half"/>.</param>
    /// <param name="enabled">False suspends it within a region that has it.</param>
    public Autocast(Device device, ScalarType type = ScalarType.BFloat16, bool enabled = true)
    {
        _device = device.Name;
        _type = type;
        _before = NativeMethods.Check(NativeMethods.llt_autocast(_device, enabled ? 1 : 0, (int)type));
        if (device.IsCpu) t_onCpu = enabled;
    }

    /// <summary>Whether this thread's operators on processors are narrowed.</summary>
    internal static bool IsOnCpu => t_onCpu;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMethods.Check(NativeMethods.llt_autocast(_device, _before, (int)_type));
        if (_device == Device.Cpu.Name) t_onCpu = _before != 0;
    }
}
