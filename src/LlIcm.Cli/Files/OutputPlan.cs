namespace LlIcm.Cli.Files;

/// <summary>Where each input's result goes.</summary>
/// <remarks>
/// <c>-o</c> names the file; or the folder, where there are several inputs, where it is a folder already or ends in a slash.
/// Without it a result lies beside its input. Standard input's goes to standard output.
/// </remarks>
public sealed class OutputPlan
{
    private readonly Dictionary<InputFile, string> _paths = [];

    /// <summary>Plans; nothing is touched.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="output">The value of <c>-o</c>, or null.</param>
    /// <param name="ending">What follows an input's stem in a name that is not given, e.g. <c>.decoded.png</c>.</param>
    /// <exception cref="CliException">Two results would have one name, or one would replace an input.</exception>
    public OutputPlan(InputList inputs, string? output, string ending)
    {
        bool folder = IsFolder(inputs, output);
        if (folder && output == InputFile.Stdio)
            throw CliException.Usage("-o -: several results do not go to standard output; name a folder");
        Func<InputFile, string> stems = Stems(inputs, folder);
        foreach (InputFile input in inputs.Files)
        {
            _paths[input] = output is null
                ? input.IsStdin ? InputFile.Stdio : Path.Combine(input.Folder, stems(input) + ending)
                : folder ? Path.Combine(output, stems(input) + ending) : output;
        }
        RequireDistinct(_paths.Select(each => (each.Key, each.Value)), inputs);
    }

    /// <summary>Whether a result goes to standard output.</summary>
    public bool UsesStdout => _paths.ContainsValue(InputFile.Stdio);

    /// <summary>The path of an input's result, or <c>-</c>.</summary>
    public string this[InputFile input] => _paths[input];

    /// <summary>Whether <c>-o</c> names a folder.</summary>
    public static bool IsFolder(InputList inputs, string? output) => output is not null and not ""
        && (inputs.Several || output[^1] is '/' || Directory.Exists(output));

    /// <summary>What results are named after: the input's name without its extension, but with it where another input has the same without.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="together">Whether all results go into one folder.</param>
    public static Func<InputFile, string> Stems(InputList inputs, bool together)
    {
        HashSet<string> ambiguous = [.. inputs.Files.GroupBy(Key, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key)];
        return input => ambiguous.Contains(Key(input)) ? Path.GetFileName(input.Path) : input.Stem;

        string Key(InputFile input) => together || input.IsStdin ? input.Stem : Path.GetFullPath(Path.Combine(input.Folder, input.Stem));
    }

    /// <summary>Checks that no two results have one name and that none replaces an input.</summary>
    /// <exception cref="CliException">They have, or one does.</exception>
    public static void RequireDistinct(IEnumerable<(InputFile Input, string Path)> outputs, InputList inputs)
    {
        var taken = new Dictionary<string, InputFile>(StringComparer.Ordinal);
        foreach ((InputFile input, string path) in outputs.Where(each => each.Path != InputFile.Stdio))
        {
            if (path.Length == 0) throw CliException.Usage("-o: the name is empty");
            string full = Path.GetFullPath(path);
            if (!taken.TryAdd(full, input))
                throw CliException.Usage($"{taken[full].Path} and {input.Path} would both be written to {path}");
            if (inputs.Files.FirstOrDefault(each => !each.IsStdin && Path.GetFullPath(each.Path) == full) is { } replaced)
                throw CliException.Usage($"{path}: the result would replace the input {replaced.Path}");
        }
    }
}
