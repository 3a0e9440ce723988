using LlIcm.Imaging;

namespace LlIcm.Training.Data;

/// <summary>
/// All photographs of a folder, decoded once and held in memory, in the order of their names (so that a number means
/// the
/// same photograph in every run). Read-only, hence safe for use by several threads.
/// </summary>
public sealed class PhotoCache
{
    /// <summary>Wraps photographs that are in memory already.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public PhotoCache(IReadOnlyList<Picture> photos)
    {
        ArgumentNullException.ThrowIfNull(photos);
        if (photos.Count == 0) throw new ArgumentException("no photograph to train on", nameof(photos));
        Photos = photos;
    }

    /// <summary>The photographs.</summary>
    public IReadOnlyList<Picture> Photos { get; }

    /// <summary>Files that could not be used, each with the reason in one line.</summary>
    public IReadOnlyList<(string Path, string Reason)> Skipped { get; private init; } = [];

    /// <summary>Files left out because the budget of memory was used up.</summary>
    public int LeftOut { get; private init; }

    /// <summary>Bytes of pixels held.</summary>
    public long Bytes => Photos.Sum(photo => (long)photo.Rgb.Length);

    /// <summary>Reads a folder and the folders in it.</summary>
    /// <param name="folder">Where the photographs are.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <param name="decode">Reads one file; null for <see cref="PictureFile.Load(string,
    /// PictureLoadOptions?)"/>.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">No file in it is a usable photograph.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    public static PhotoCache Load(
        string folder, PhotoCacheOptions? options = null, Func<string, Picture>? decode = null,
        CancellationToken cancel = default)
    {
        options ??= new PhotoCacheOptions();
        decode ??= path => PictureFile.Load(path);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{folder}: no such folder");
        string[] paths = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => PictureFile.ReadableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()) && PictureFile.IsRegular(path))
            .Order(StringComparer.Ordinal)];

        List<Picture> photos = [];
        List<(string, string)> skipped = [];
        long bytes = 0;
        int leftOut = 0;
        ParallelOptions parallel = new()
        {
            CancellationToken = cancel,
            MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
        };
        // In portions, so that what fits the budget depends on the order of the names and not on the threads.
        (Picture? Photo, string? Reason)[] portion = new (Picture?, string?)[64];
        for (int start = 0; start < paths.Length; start += portion.Length)
        {
            int count = Math.Min(portion.Length, paths.Length - start);
            Parallel.For(0, count, parallel, i => portion[i] = Read(paths[start + i], decode, options.MinSide));
            for (int i = 0; i < count; i++)
            {
                (Picture? photo, string? reason) = portion[i];
                if (photo is null) skipped.Add((paths[start + i], reason!));
                else if (bytes + photo.Rgb.Length > options.MaxBytes) leftOut++;
                else
                {
                    photos.Add(photo);
                    bytes += photo.Rgb.Length;
                }
            }
            if (leftOut > 0)
            {
                leftOut += paths.Length - start - count;
                break;
            }
        }
        if (photos.Count == 0)
        {
            string why = skipped.Count > 0 ? $"; the first of {skipped.Count} skipped: {skipped[0].Item2}" : "";
            throw new InvalidDataException($"{folder}: no usable photograph{why}");
        }
        return new PhotoCache(photos) { Skipped = skipped, LeftOut = leftOut };
    }

    /// <summary>Keeps every n-th photograph apart, for validation.</summary>
    /// <param name="every">One of how many, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="every"/> is smaller than 2.</exception>
    /// <exception cref="ArgumentException">There are fewer photographs than that.</exception>
    public (PhotoCache Training, PhotoCache HeldOut) Split(int every)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 2);
        return (new PhotoCache([.. Photos.Where((_, i) => i % every != every - 1)]),
            new PhotoCache([.. Photos.Where((_, i) => i % every == every - 1)]));
    }

    private static (Picture? Photo, string? Reason) Read(string path, Func<string, Picture> decode, int minSide)
    {
        try
        {
            Picture photo = decode(path);
            if (Math.Min(photo.Width, photo.Height) < minSide)
                return (null, $"{path}: {photo.Width}x{photo.Height} is smaller than {minSide} pixels");
            return (photo, null);
        }
        catch (Exception error) when (Unusable.Reason(path, error) is { } reason)
        {
            return (null, reason);
        }
    }
}
