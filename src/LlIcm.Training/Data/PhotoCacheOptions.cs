namespace LlIcm.Training.Data;

/// <summary>How photographs are read into memory.</summary>
public sealed record PhotoCacheOptions
{
    /// <summary>
    /// Most bytes of pixels to hold; photographs beyond (in the order of their names) are left out. 4 GiB.
    /// </summary>
    public long MaxBytes { get; init; } = 4L << 30;

    /// <summary>Threads that decode; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Photographs with a shorter side below this are skipped.</summary>
    public int MinSide { get; init; } = 64;
}
