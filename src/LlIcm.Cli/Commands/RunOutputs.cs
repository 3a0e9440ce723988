using LlIcm.Cli.Files;
using LlIcm.Imaging;

namespace LlIcm.Cli.Commands;

/// <summary>The files that <c>run</c> writes for an input.</summary>
/// <param name="Llic">The coded picture.</param>
/// <param name="Decoded">The decoded picture.</param>
/// <param name="Restored">The restored picture.</param>
/// <param name="Compare">All side by side.</param>
public sealed record RunOutputs(string Llic, string Decoded, string Restored, string Compare)
{
    /// <summary>All paths.</summary>
    public string[] All => [Llic, Decoded, Restored, Compare];

    /// <summary>The paths for an input: in the folder, or beside the input.</summary>
    /// <exception cref="CliException"><paramref name="folder"/> looks like a file.</exception>
    public static RunOutputs Of(InputFile input, string? folder, string stem)
    {
        if (folder == InputFile.Stdio) throw CliException.Usage("-o -: run writes four files; name a folder");
        if (folder is not null && !Directory.Exists(folder) && LooksLikeFile(folder))
            throw CliException.Usage($"-o {folder}: run writes four files; name a folder");
        string start = Path.Combine(folder ?? input.Folder, stem);
        return new RunOutputs(start + ".llic", start + ".decoded.png", start + ".restored.png", start + ".compare.png");
    }

    private static bool LooksLikeFile(string path) => File.Exists(path)
        || PictureFile.ReadableExtensions.Append(".llic").Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
