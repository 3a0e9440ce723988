using System.Runtime.InteropServices;
using LlIcm.Tensors.Serialization;
using Microsoft.Win32.SafeHandles;

namespace LlIcm.Tensors;

/// <summary>A block of host memory that tensors share; freed with the last of them.</summary>
internal sealed unsafe class HostMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    // What vector instructions like best.
    private const int Alignment = 64;
    // The collector is told of large blocks only, since telling costs more than a small one is worth.
    private const long PressureThreshold = 1 << 20;

    private readonly IDisposable? _owner;
    private readonly long _pressure;
    private int _references = 1;

    private HostMemory(nint address, long bytes, IDisposable? owner) : base(ownsHandle: true)
    {
        SetHandle(address);
        (Bytes, _owner) = (bytes, owner);
        if (owner is not null || bytes < PressureThreshold) return;
        _pressure = bytes;
        GC.AddMemoryPressure(bytes);
    }

    /// <summary>The file whose bytes these are, which cannot be written; null for memory.</summary>
    public FileMemory? File => _owner as FileMemory;

    /// <summary>The size.</summary>
    public long Bytes { get; }

    /// <summary>Where it begins.</summary>
    public nint Address => handle;

    /// <summary>A new block, not cleared.</summary>
    public static HostMemory Allocate(long bytes) =>
        new((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment), bytes, null);

    /// <summary>A block that something else owns, which is disposed with it.</summary>
    public static HostMemory Of(nint address, long bytes, IDisposable owner) => new(address, bytes, owner);

    /// <summary>One more user.</summary>
    public HostMemory Share()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>One user less.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _references) == 0) Dispose();
    }

    protected override bool ReleaseHandle()
    {
        if (_owner is not null) _owner.Dispose();
        else NativeMemory.AlignedFree((void*)handle);
        if (_pressure > 0) GC.RemoveMemoryPressure(_pressure);
        return true;
    }
}
