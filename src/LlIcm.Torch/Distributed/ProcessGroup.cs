using LlIcm.Tensors;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch.Distributed;

/// <summary>Several processes that exchange tensors (libtorch's c10d): Gloo on processors, NCCL on GPUs.</summary>
public sealed class ProcessGroup : IDisposable
{
    private nint _handle;

    private ProcessGroup(nint handle, int rank, int size) => (_handle, Rank, Size) = (handle, rank, size);

    /// <summary>This process's number, from 0.</summary>
    public int Rank { get; }

    /// <summary>The number of processes.</summary>
    public int Size { get; }

    /// <summary>Whether the bridge was built with a backend for a device.</summary>
    public static bool IsAvailable(Device device) =>
        (NativeMethods.llt_group_backends() & (device.IsCpu ? 1 : 2)) != 0;

    /// <summary>Waits for all processes.</summary>
    /// <param name="device">Where the tensors to be exchanged are.</param>
    /// <param name="host">Where the store is by which they find each other.</param>
    /// <param name="port">Its port.</param>
    /// <param name="serves">Whether this process is to hold the store.</param>
    /// <param name="prefix">Names the attempt: a store that others hold may know earlier ones.</param>
    /// <param name="rank">This process's number, from 0.</param>
    /// <param name="size">The number of processes.</param>
    /// <param name="timeout">How long to wait for others, here and in every exchange.</param>
    /// <exception cref="TensorException">The others don't come, or the bridge was built without process groups.</exception>
    public static ProcessGroup Join(
        Device device, string host, int port, bool serves, string prefix, int rank, int size, TimeSpan timeout)
    {
        if (!IsAvailable(device))
        {
            throw new TensorException(device.IsCpu
                ? "the bridge to libtorch was built without gloo's headers (Debian: libgloo-dev): install them and build again"
                : "the bridge to libtorch was built without nccl.h: name its folder in NCCL_INCLUDE_DIR and build again");
        }
        nint handle = NativeMethods.Check(NativeMethods.llt_group_create(
            device.IsCpu ? "gloo" : "nccl", host, port, serves ? 1 : 0, prefix, rank, size, (long)timeout.TotalMilliseconds));
        return new ProcessGroup(handle, rank, size);
    }

    /// <summary>Replaces a contiguous tensor by the sum over all processes.</summary>
    /// <exception cref="ProcessLostException">A process is gone.</exception>
    public void AllReduce(Tensor tensor)
    {
        using var noGrad = GradMode.Disable();
        Exchange(tensor, pointer => NativeMethods.llt_group_all_reduce(_handle, pointer));
    }

    /// <summary>Replaces a contiguous tensor by another process's.</summary>
    /// <exception cref="ProcessLostException">A process is gone.</exception>
    public void Broadcast(Tensor tensor, int root = 0)
    {
        using var noGrad = GradMode.Disable();
        Exchange(tensor, pointer => NativeMethods.llt_group_broadcast(_handle, pointer, root));
    }

    /// <summary>Leaves. Not after a failure: what is left of the group would be waited for.</summary>
    public void Dispose()
    {
        NativeMethods.llt_group_free(_handle);
        _handle = 0;
    }

    private static void Exchange(Tensor tensor, Func<nint, int> call)
    {
        using TorchLease lease = TorchTensor.Of(tensor).Lease();
        if (call(lease.Pointer) < 0) throw new ProcessLostException(NativeMethods.LastError());
    }
}
