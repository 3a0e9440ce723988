using System.Runtime.InteropServices;
using LlIcm.Tensors;
using LlIcm.Torch.Interop;

namespace LlIcm.Torch;

/// <summary>libtorch as a whole: version, threads, seeds, devices.</summary>
public static unsafe class TorchRuntime
{
    /// <summary>libtorch's version.</summary>
    /// <exception cref="TorchUnavailableException">The bridge can't be loaded.</exception>
    public static string Version => Marshal.PtrToStringUTF8((nint)NativeMethods.llt_version())!;

    /// <summary>
    /// Threads for one operator. libtorch starts with one in some builds; <see cref="UseAllCores"/> sets the cores.
    /// </summary>
    public static int Threads
    {
        get => NativeMethods.llt_threads();
        set => NativeMethods.llt_set_threads(value);
    }

    /// <summary>The number of CUDA devices; 0 for a libtorch without CUDA.</summary>
    public static int CudaDevices => NativeMethods.llt_cuda_devices();

    /// <summary>Tensors that the native side holds on our behalf; equal to <see cref="LiveTensors"/>.</summary>
    public static long NativeTensors => NativeMethods.llt_live_tensors();

    /// <summary>The number of libtorch's tensors that are alive, for leak checks.</summary>
    public static long LiveTensors => TensorHandle.Live;

    /// <summary>
    /// Makes libtorch the engine of this process's new tensors: what trains calls it first. Nothing is loaded before one is made.
    /// </summary>
    public static void Use() => TensorEngine.Default = TorchEngine.Instance;

    /// <summary>Loads the native library now rather than at the first tensor.</summary>
    /// <exception cref="TorchUnavailableException">It can't be loaded; the message lists causes and cures.</exception>
    public static void EnsureLoaded() => BridgeLoader.EnsureLoaded();

    /// <summary>Sets the operators' threads to the number of cores.</summary>
    public static void UseAllCores() => Threads = Environment.ProcessorCount;

    /// <summary>Seeds every generator of libtorch (initial weights, dropout; samplers have their own).</summary>
    public static void ManualSeed(ulong seed) => NativeMethods.Check(NativeMethods.llt_manual_seed(seed));

    /// <summary>Waits for a CUDA device to finish.</summary>
    public static void Synchronize(int device = 0) => NativeMethods.Check(NativeMethods.llt_cuda_synchronize(device));

    /// <summary>Allows or forbids TF32 in CUDA products. Off in whatever leads to an entropy parameter.</summary>
    public static void AllowTf32(bool allowed) => NativeMethods.llt_allow_tf32(allowed ? 1 : 0);

    /// <summary>
    /// Memory that is freed stays with the process, for work that asks for the same sizes again and again, such as training: by
    /// default glibc gives back each large block at once, and the pages of the next are cleared anew, which took a third of the
    /// time of the compact tower's steps. Without effect where there is no glibc.
    /// </summary>
    public static void KeepFreedMemory() => MemoryAllocator.KeepFreed();
}
