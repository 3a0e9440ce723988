using System.IO.Enumeration;
using LlIcm.Imaging;

namespace LlIcm.Cli.Files;

/// <summary>Turns arguments into inputs: files, folders, globs and <c>-</c>.</summary>
/// <param name="Files">The inputs, in the order of the arguments, none twice.</param>
/// <param name="Several">Whether outputs belong in a folder: there are several, or a folder was named.</param>
public sealed record InputList(IReadOnlyList<InputFile> Files, bool Several)
{
    // What `run`, `decompress`, `restore` and `compare` write: a folder that was worked on once gives the same inputs again.
    private static readonly string[] s_products = [".decoded", ".restored", ".compare", ".heatmap"];

    /// <summary>Expands the arguments.</summary>
    /// <param name="arguments">Paths, patterns with <c>* ?</c> and <c>**</c>, or <c>-</c>.</param>
    /// <param name="kind">What to take out of folders.</param>
    /// <exception cref="CliException">A pattern or folder gives nothing, or <c>-</c> is named twice.</exception>
    public static InputList Expand(IEnumerable<string> arguments, InputKind kind)
    {
        var files = new List<InputFile>();
        bool folder = false;
        foreach (string argument in arguments)
        {
            if (argument.Length == 0) throw CliException.Usage("an input has an empty name");
            if (argument == InputFile.Stdio)
            {
                files.Add(new InputFile(argument));
            }
            else if (Directory.Exists(argument))
            {
                folder = true;
                files.AddRange(InFolder(argument, kind));
            }
            else if (!File.Exists(argument) && argument.AsSpan().IndexOfAny('*', '?') >= 0)
            {
                files.AddRange(Matches(argument));
            }
            else
            {
                files.Add(new InputFile(argument));
            }
        }
        if (files.Count(file => file.IsStdin) > 1) throw CliException.Usage("standard input can be read only once");
        files = [.. files.DistinctBy(file => file.IsStdin ? InputFile.Stdio : Path.GetFullPath(file.Path))];
        return new InputList(files, folder || files.Count > 1);
    }

    private static List<InputFile> InFolder(string folder, InputKind kind)
    {
        List<InputFile> found =
        [
            .. Directory.EnumerateFiles(folder).Where(path => IsWanted(path, kind)).Order(StringComparer.Ordinal)
                .Select(path => new InputFile(path)),
        ];
        if (found.Count > 0) return found;
        string what = kind switch
        {
            InputKind.Pictures => "picture",
            InputKind.Llic => ".llic file",
            _ => "picture or .llic file",
        };
        string? result = Directory.EnumerateFiles(folder).Where(path => IsOfKind(path, kind)).Order(StringComparer.Ordinal).FirstOrDefault();
        string but = result is null ? "" : $" but results of earlier calls, e.g. {Path.GetFileName(result)}: name them to have them taken";
        throw new CliException(ExitCode.Input, $"{folder}: there is no {what} in this folder{but}");
    }

    /// <summary>Whether a file's name says that it is of a kind; hidden files are of none.</summary>
    public static bool IsOfKind(string path, InputKind kind)
    {
        string name = Path.GetFileName(path), extension = Path.GetExtension(name);
        if (name.StartsWith('.')) return false;
        return extension.Equals(".llic", StringComparison.OrdinalIgnoreCase)
            ? kind.HasFlag(InputKind.Llic)
            : kind.HasFlag(InputKind.Pictures)
                && PictureFile.ReadableExtensions.Contains(extension, StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsWanted(string path, InputKind kind) => IsOfKind(path, kind)
        && !s_products.Contains(Path.GetExtension(Path.GetFileNameWithoutExtension(path))) && PictureFile.IsRegular(path);

    // The shell expands patterns itself; this is for those it was kept from, and for shells that do not.
    private static List<InputFile> Matches(string pattern)
    {
        string[] parts = pattern.Split('/');
        List<string> bases = [pattern.StartsWith('/') ? "/" : ""];
        for (int i = pattern.StartsWith('/') ? 1 : 0; i < parts.Length; i++)
        {
            bool last = i == parts.Length - 1;
            bases = [.. bases.SelectMany(at => Step(at, parts[i], last)).Distinct(StringComparer.Ordinal)];
        }
        List<InputFile> found = [.. bases.Order(StringComparer.Ordinal).Select(path => new InputFile(path))];
        return found.Count > 0 ? found : throw new CliException(ExitCode.Input, $"{pattern}: matches no file");
    }

    private static IEnumerable<string> Step(string at, string part, bool last)
    {
        string folder = at.Length == 0 ? "." : at;
        if (!Directory.Exists(folder)) return [];
        if (part == "**")
        {
            IEnumerable<string> all = Directory
                .EnumerateDirectories(folder, "*", new EnumerationOptions { RecurseSubdirectories = true })
                .Select(path => at.Length == 0 ? Path.GetRelativePath(".", path) : path);
            return last ? Step(at, "*", true) : all.Prepend(at);
        }
        if (part.AsSpan().IndexOfAny('*', '?') < 0)
        {
            string path = Path.Combine(at, part);
            return (last ? File.Exists(path) : Directory.Exists(path)) ? [path] : [];
        }
        IEnumerable<string> entries = last ? Directory.EnumerateFiles(folder) : Directory.EnumerateDirectories(folder);
        return entries.Select(path => Path.GetFileName(path))
            .Where(name => FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false)
                && (!name.StartsWith('.') || part.StartsWith('.')))
            .Select(name => Path.Combine(at, name));
    }
}
