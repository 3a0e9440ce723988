using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// Real or ready-made pairs: <c>input/</c> and <c>target/</c> with files of the same names (their extensions may
/// differ), and
/// perhaps <c>mask/</c> (white kept, black missing).
/// </summary>
public sealed class PairFolder
{
    private readonly (string Input, string Target, string? Mask)[] _files;
    private readonly Func<string, Picture> _decode;

    private PairFolder(
        DegradationKind kind, string[] names, (string, string, string?)[] files, Func<string, Picture> decode)
    {
        Kind = kind;
        Names = names;
        _files = files;
        _decode = decode;
    }

    /// <summary>What the inputs suffer from.</summary>
    public DegradationKind Kind { get; }

    /// <summary>Names of the pairs, without extension, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Number of pairs.</summary>
    public int Count => _files.Length;

    /// <summary>Finds the pairs of a folder; no picture is read yet.</summary>
    /// <param name="folder">The folder that holds <c>input</c> and <c>target</c>.</param>
    /// <param name="kind">What the inputs suffer from; null takes it from the folder's name, e.g.
    /// <c>dehaze</c>.</param>
    /// <param name="decode">Reads one file; null for <see cref="PictureFile.Load(string,
    /// PictureLoadOptions?)"/>.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or none named <c>input</c> or
    /// <c>target</c> in it.</exception>
    /// <exception cref="InvalidDataException">There is no pair, or an input has no target or no mask.</exception>
    /// <exception cref="FormatException">The folder's name is no degradation and none was given.</exception>
    public static PairFolder Open(string folder, DegradationKind? kind = null, Func<string, Picture>? decode = null)
    {
        SortedDictionary<string, string> inputs = List(folder, "input"), targets = List(folder, "target");
        SortedDictionary<string, string>? masks =
            Directory.Exists(Path.Combine(folder, "mask")) ? List(folder, "mask") : null;
        if (inputs.Count == 0) throw new InvalidDataException($"{folder}: no pictures in input");
        List<(string, string, string?)> files = [];
        foreach ((string name, string input) in inputs)
        {
            if (!targets.TryGetValue(name, out string? target))
                throw new InvalidDataException($"{input}: no picture of that name in target");
            string? mask = null;
            if (masks is not null && !masks.TryGetValue(name, out mask))
                throw new InvalidDataException($"{input}: no picture of that name in mask");
            files.Add((input, target, mask));
        }
        kind ??= DegradationKinds.Parse(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        return new PairFolder(kind.Value, [.. inputs.Keys], [.. files], decode ?? (path => PictureFile.Load(path)));
    }

    /// <summary>Reads a pair, whole.</summary>
    /// <param name="index">Its number, 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="PictureException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The sizes of its pictures differ.</exception>
    public DegradedSample Load(int index)
    {
        (string inputPath, string targetPath, string? maskPath) = _files[index];
        Picture input = _decode(inputPath), target = _decode(targetPath);
        CheckSize(inputPath, input, target);
        float[]? mask = null;
        if (maskPath is not null)
        {
            Picture picture = _decode(maskPath);
            CheckSize(maskPath, picture, target);
            mask = new float[picture.Width * picture.Height];
            for (int i = 0; i < mask.Length; i++) mask[i] = picture.Rgb[3 * i] >= 128 ? 1f : 0f;
        }
        return new DegradedSample(Planar(input), Planar(target), Kind, mask);
    }

    /// <summary>Cuts the same random square of all pictures of a pair.</summary>
    /// <param name="sample">The pair.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="random">Draws the place.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pair is smaller than that.</exception>
    public static DegradedSample Crop(DegradedSample sample, int size, Xoshiro256 random)
    {
        int width = sample.Clean.Width, height = sample.Clean.Height;
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Math.Min(width, height));
        int left = random.NextInt(width - size + 1), top = random.NextInt(height - size + 1);
        float[]? mask = null;
        if (sample.Mask is not null)
        {
            mask = new float[size * size];
            Cut(sample.Mask, width, left, top, size, mask);
        }
        return new DegradedSample(
            Cut(sample.Degraded, left, top, size), Cut(sample.Clean, left, top, size), sample.Kind, mask);
    }

    private static PlanarImage Cut(PlanarImage image, int left, int top, int size)
    {
        PlanarImage part = new(size, size);
        for (int c = 0; c < 3; c++) Cut(image.Plane(c), image.Width, left, top, size, part.Plane(c));
        return part;
    }

    private static void Cut(ReadOnlySpan<float> plane, int width, int left, int top, int size, Span<float> part)
    {
        for (int y = 0; y < size; y++) plane.Slice((top + y) * width + left, size).CopyTo(part[(y * size)..]);
    }

    private static PlanarImage Planar(Picture picture) =>
        PlanarImage.FromInterleaved(picture.Width, picture.Height, picture.Rgb);

    private static void CheckSize(string path, Picture picture, Picture target)
    {
        if (picture.Width != target.Width || picture.Height != target.Height)
        {
            throw new InvalidDataException(
                $"{path}: {picture.Width}x{picture.Height}, but its target is {target.Width}x{target.Height}");
        }
    }

    private static SortedDictionary<string, string> List(string folder, string part)
    {
        string path = Path.Combine(folder, part);
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"{path}: no such folder");
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
        {
            if (PictureFile.ReadableExtensions.Contains(Path.GetExtension(file).ToLowerInvariant()))
                files[Path.GetFileNameWithoutExtension(file)] = file;
        }
        return files;
    }
}
