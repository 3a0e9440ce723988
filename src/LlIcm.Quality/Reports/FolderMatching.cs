namespace LlIcm.Quality;

/// <summary>Finds the originals of pictures in another folder, by name.</summary>
public static class FolderMatching
{
    /// <summary>
    /// Matches files by their path without extension; a distorted picture may carry more dotted words than its original
    /// (<c>kodim03.restored.png</c> belongs to <c>kodim03.png</c>).
    /// </summary>
    /// <param name="referenceFolder">The originals, folders below it included.</param>
    /// <param name="distorted">
    /// What is to be compared with them: files, matched by their own name, and folders, whose files are matched by their path
    /// below them.
    /// </param>
    /// <param name="isPicture">Which files count, of those in folders.</param>
    /// <exception cref="QualityException">
    /// A folder does not exist, two originals have the same name, or nothing matches.
    /// </exception>
    public static MatchedFolders Match(
        string referenceFolder, IEnumerable<string> distorted, Func<string, bool> isPicture)
    {
        ArgumentNullException.ThrowIfNull(distorted);
        ArgumentNullException.ThrowIfNull(isPicture);
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Pictures(referenceFolder, isPicture))
        {
            string key = KeyOf(Path.GetRelativePath(referenceFolder, path));
            if (!originals.TryAdd(key, path))
                throw new QualityException($"{originals[key]} and {path} have the same name: which is the original?");
        }
        string[] arguments = [.. distorted];
        var pairs = new List<PathPair>();
        var unmatched = new List<string>();
        foreach ((string path, string name) in arguments.SelectMany(argument => Directory.Exists(argument)
            ? Pictures(argument, isPicture).Select(path => (path, Path.GetRelativePath(argument, path)))
            : [(argument, Path.GetFileName(argument))]))
        {
            string key = KeyOf(name);
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
                $"no picture of {string.Join(", ", arguments)} has an original of its name in {referenceFolder}");
        string[] unused = [.. originals.Values.Except(pairs.Select(pair => pair.Reference)).Order(StringComparer.Ordinal)];
        return new MatchedFolders(pairs, unmatched, unused);
    }

    private static IEnumerable<string> Pictures(string folder, Func<string, bool> isPicture)
    {
        if (!Directory.Exists(folder)) throw new QualityException($"{folder}: no such folder");
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(isPicture)
            .Order(StringComparer.Ordinal);
    }

    private static string KeyOf(string path) => Path.ChangeExtension(path, null).Replace('\\', '/');
}
