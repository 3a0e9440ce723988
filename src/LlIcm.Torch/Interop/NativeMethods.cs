using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LlIcm.Tensors;

namespace LlIcm.Torch.Interop;

/// <summary>The C ABI of native/bridge.h, name for name.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "llicm_torch";

    /// <summary>The bridge's ABI that these declarations describe.</summary>
    public const int AbiVersion = 2;

    [LibraryImport(Library)]
    public static partial byte* llt_version();

    [LibraryImport(Library)]
    public static partial byte* llt_last_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llt_find_operator(string name, string overload);

    [LibraryImport(Library)]
    public static partial int llt_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llt_from_host(void* data, long* sizes, int rank, int dtype, string device);

    [LibraryImport(Library)]
    public static partial int llt_to_host(TensorHandle tensor, void* destination, long bytes);

    [LibraryImport(Library)]
    public static partial void llt_free(nint tensor);

    [LibraryImport(Library)]
    public static partial nint llt_alias(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial int llt_describe(TensorHandle tensor, long* sizes, int capacity, int* dtype, int* flags);

    [LibraryImport(Library)]
    public static partial int llt_strides(TensorHandle tensor, long* strides, int capacity);

    [LibraryImport(Library)]
    public static partial long llt_storage_bytes(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial int llt_device(TensorHandle tensor, byte* text, int capacity);

    [LibraryImport(Library)]
    public static partial void* llt_data(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial long llt_live_tensors();

    [LibraryImport(Library)]
    public static partial int llt_set_requires_grad(TensorHandle tensor, int on);

    [LibraryImport(Library)]
    public static partial int llt_backward(TensorHandle tensor, nint gradient, int keepGraph);

    [LibraryImport(Library)]
    public static partial int llt_gradients(
        TensorHandle output, nint outputGradient, nint* inputs, int count, int keepGraph, nint* gradients);

    [LibraryImport(Library)]
    public static partial nint llt_grad(TensorHandle tensor);

    [LibraryImport(Library)]
    public static partial int llt_set_grad(TensorHandle tensor, nint gradient);

    [LibraryImport(Library)]
    public static partial int llt_grad_mode();

    [LibraryImport(Library)]
    public static partial void llt_set_grad_mode(int on);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int llt_autocast(string device, int on, int dtype);

    [LibraryImport(Library)]
    public static partial void llt_clear_autocast_cache();

    [LibraryImport(Library)]
    public static partial int llt_manual_seed(ulong seed);

    [LibraryImport(Library)]
    public static partial int llt_threads();

    [LibraryImport(Library)]
    public static partial void llt_set_threads(int threads);

    [LibraryImport(Library)]
    public static partial int llt_cuda_devices();

    [LibraryImport(Library)]
    public static partial int llt_cuda_synchronize(int device);

    [LibraryImport(Library)]
    public static partial void llt_allow_tf32(int on);

    [LibraryImport(Library)]
    public static partial int llt_group_backends();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llt_group_create(
        string backend, string host, int port, int serves, string prefix, int rank, int size, long timeout);

    [LibraryImport(Library)]
    public static partial int llt_group_all_reduce(nint group, nint tensor);

    [LibraryImport(Library)]
    public static partial int llt_group_broadcast(nint group, nint tensor, int root);

    [LibraryImport(Library)]
    public static partial void llt_group_free(nint group);

    /// <summary>The text behind this thread's last failure.</summary>
    public static string LastError() => Marshal.PtrToStringUTF8((nint)llt_last_error()) ?? "unknown error";

    /// <summary>Throws the bridge's error when <paramref name="result"/> is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Check(int result)
    {
        if (result < 0) ThrowLast();
        return result;
    }

    /// <summary>Throws the bridge's error when <paramref name="pointer"/> is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Check(nint pointer)
    {
        if (pointer == 0) ThrowLast();
        return pointer;
    }

    private static void ThrowLast() => throw new TensorException(LastError());
}
