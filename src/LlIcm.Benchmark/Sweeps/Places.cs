using System.Text.RegularExpressions;
using LlIcm.Imaging;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>Paths as a configuration writes them.</summary>
internal static partial class Places
{
    /// <summary>Puts an environment variable's value in place of a leading <c>$NAME</c>.</summary>
    /// <exception cref="BenchmarkException">The variable is not set.</exception>
    public static string Expand(string path)
    {
        if (Variable().Match(path) is not { Success: true } match) return path;
        string value = Environment.GetEnvironmentVariable(match.Groups[1].Value) ?? "";
        return value.Length > 0 ? value + path[match.Length..] : throw new BenchmarkException($"{match.Value} is not set ({path})");
    }

    /// <summary>Files below a folder that fit a pattern, by what stands for {name} in it; where several have one name, the first in order.</summary>
    public static Dictionary<string, string> Match(string folder, string pattern)
    {
        string expression = Regex.Escape(pattern.Replace('\\', '/')).Replace(@"\{name}", @"(?<name>[^/]+?)", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal);
        // A name that comes twice is the same both times.
        int first = expression.IndexOf("(?<name>", StringComparison.Ordinal) + 1;
        expression = expression[..first] + expression[first..].Replace(@"(?<name>[^/]+?)", @"\k<name>", StringComparison.Ordinal);
        var fits = new Regex($"^{expression}$", RegexOptions.CultureInvariant);
        string fixedPart = pattern.Replace('\\', '/').Split('{', '*')[0];
        string start = Path.Combine(folder, fixedPart.Contains('/', StringComparison.Ordinal) ? fixedPart[..fixedPart.LastIndexOf('/')] : "");
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!Directory.Exists(start)) return found;
        foreach (string path in Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (!PictureFile.ReadableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant())) continue;
            if (fits.Match(Path.GetRelativePath(folder, path).Replace('\\', '/')) is { Success: true } match) found.TryAdd(match.Groups["name"].Value, path);
        }
        return found;
    }

    [GeneratedRegex(@"^\$(\w+)")]
    private static partial Regex Variable();
}
