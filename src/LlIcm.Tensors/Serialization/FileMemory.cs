namespace LlIcm.Tensors.Serialization;

/// <summary>A part of a file in memory, which cannot be written.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Path">The file's full path.</param>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="Lease">Keeps it where it is until disposed.</param>
internal sealed record FileMemory(nint Address, string Path, long Offset, IDisposable Lease) : IDisposable
{
    public void Dispose() => Lease.Dispose();
}
