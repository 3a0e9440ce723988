using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>Finds the originals of pictures in another folder, by name.</summary>
public static class FolderMatching
{
    /// <summary>
    /// Matches pictures below two folders by their path without extension; a distorted picture may carry more dotted
    /// words than its original (<c>kodim03.restored.png</c> belongs to <c>kodim03.png</c>).
    /// </summary>
    /// <param name="referenceFolder">The originals.</param>
    /// <param name="distortedFolder">What is to be compared with them.</param>
    /// <returns>
    /// The pairs, sorted by the distorted picture's name, and the distorted pictures that have no original.
    /// </returns>
    /// <exception cref="QualityException">
    /// A folder does not exist, two originals have the same name, or nothing matches.
    /// </exception>
    public static (IReadOnlyList<PathPair> Pairs, IReadOnlyList<string> Unmatched) Match(
        string referenceFolder, string distortedFolder)
    {
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Pictures(referenceFolder))
        {
            string key = KeyOf(referenceFolder, path);
            if (!originals.TryAdd(key, path))
                throw new QualityException($"{originals[key]} and {path} have the same name: which is the original?");
        }
        var pairs = new List<PathPair>();
        var unmatched = new List<string>();
        foreach (string path in Pictures(distortedFolder))
        {
            string key = KeyOf(distortedFolder, path);
            string? original;
            while (!originals.TryGetValue(key, out original))
            {
                int dot = key.LastIndexOf('.');
                if (dot <= key.LastIndexOf('/') + 1) break;
                key = key[..dot];
            }
            if (original is null) unmatched.Add(path);
            else pairs.Add(new PathPair(original, path));
        }
        if (pairs.Count == 0)
            throw new QualityException(
                $"no picture in {distortedFolder} has an original of its name in {referenceFolder}");
        return (pairs, unmatched);
    }

    private static IEnumerable<string> Pictures(string folder)
    {
        if (!Directory.Exists(folder)) throw new QualityException($"{folder}: no such folder");
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => PictureFile.ReadableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            .Order(StringComparer.Ordinal);
    }

    private static string KeyOf(string folder, string path) =>
        Path.ChangeExtension(Path.GetRelativePath(folder, path), null).Replace('\\', '/');
}
