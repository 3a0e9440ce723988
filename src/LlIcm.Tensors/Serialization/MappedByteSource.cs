using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// A file mapped read-only: pages are read when they are touched, and files above 2 GB are no special case.
/// </summary>
internal sealed unsafe class MappedByteSource : ByteSource
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly string _path;
    private byte* _start;
    private bool _disposed;
    // The source itself, and leases on parts of it.
    private int _users = 1;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public MappedByteSource(string path)
    {
        _path = Path.GetFullPath(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = stream.Length;
        // An empty file cannot be mapped; as a source of no bytes it is refused by whoever parses it.
        if (Length == 0) return;
        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
            leaveOpen: true);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    // MADV_DONTNEED: on a mapped file it drops pages from the process, not from the file cache.
    private const int DontNeed = 4;

    public override long Length { get; }

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(WeightFile));
        Check(offset, length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    public override void Forget(long offset, long length)
    {
        if (!OperatingSystem.IsLinux() || _disposed || !Contains(offset, length)) return;
        // Whole pages only: their neighbours may be in use. A refusal does no harm.
        nint page = Environment.SystemPageSize, first = ((nint)(_start + offset) + page - 1) / page * page;
        nint end = (nint)(_start + offset + length) / page * page;
        if (end > first) _ = MemoryAdvise(first, end - first, DontNeed);
    }

    // No finaliser: a span does not keep this object alive, so collecting it could unmap memory that is being read.
    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Leave();
    }

    public override FileMemory? Pin(long offset, long length)
    {
        if (_disposed || !Contains(offset, length) || length == 0) return null;
        Interlocked.Increment(ref _users);
        return new FileMemory((nint)(_start + offset), _path, offset, new Lease(this));
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
        _start = null;
    }

    private sealed class Lease(MappedByteSource source) : IDisposable
    {
        private MappedByteSource? _source = source;

        public void Dispose() => Interlocked.Exchange(ref _source, null)?.Leave();
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MemoryAdvise(nint address, nint length, int advice);
}
