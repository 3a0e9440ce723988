namespace LlIcm.Cli.Files;

/// <summary>One input: a file, or standard input.</summary>
/// <param name="Path">The path as the user would write it; <c>-</c> for standard input.</param>
public sealed record InputFile(string Path)
{
    /// <summary>What stands for standard input and output.</summary>
    public const string Stdio = "-";

    /// <summary>Whether this is standard input.</summary>
    public bool IsStdin => Path == Stdio;

    /// <summary>The file name without folder and extension, <c>stdin</c> for standard input.</summary>
    public string Stem => IsStdin ? "stdin" : System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The folder the file lies in, empty for the current one.</summary>
    public string Folder => IsStdin ? "" : System.IO.Path.GetDirectoryName(Path) ?? "";

    /// <summary>Reads everything.</summary>
    /// <exception cref="CliException">It is missing, empty, a folder, or cannot be read.</exception>
    public byte[] Read()
    {
        try
        {
            byte[] data = IsStdin ? ReadStdin() : ReadFile();
            return data.Length > 0 ? data : throw new CliException(ExitCode.Input, $"{Path}: is empty");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.Input, $"{Path}: no such file", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new CliException(ExitCode.Input, $"{Path}: permission denied", error);
        }
        catch (IOException error)
        {
            throw new CliException(
                ExitCode.Input, $"{Path}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private byte[] ReadFile()
    {
        if (Directory.Exists(Path)) throw new CliException(ExitCode.Input, $"{Path}: is a folder");
        using FileStream stream = File.OpenRead(Path);
        if (!stream.CanSeek) return ReadToEnd(stream);
        if (stream.Length > Array.MaxLength)
            throw new CliException(ExitCode.Input, $"{Path}: {stream.Length} bytes, more than the limit of 2 GiB");
        byte[] data = new byte[stream.Length];
        stream.ReadExactly(data);
        return data;
    }

    private static byte[] ReadStdin()
    {
        using Stream stream = Terminal.StandardStreams.OpenInput();
        return ReadToEnd(stream);
    }

    private static byte[] ReadToEnd(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
