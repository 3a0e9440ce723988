using System.Collections.Concurrent;

namespace LlIcm.Cli.Files;

/// <summary>
/// Files that appear complete or not at all: each is written beside its place, and all are renamed together by
/// <see cref="Commit"/>.
/// </summary>
public sealed class AtomicFiles : IDisposable
{
    // What would be left behind if the process had to end at once.
    private static readonly ConcurrentDictionary<string, bool> s_temporary = new();

    private readonly List<(string Temporary, string Path, string Name)> _files = [];

    /// <summary>Deletes what was not committed, of all instances: for the end of an interrupted process.</summary>
    public static void DeleteAll()
    {
        foreach (string path in s_temporary.Keys) Delete(path);
    }

    /// <summary>Writes a file beside its place. Its folder is made where it is missing.</summary>
    /// <param name="name">The path as the user wrote it.</param>
    /// <param name="data">The whole file.</param>
    /// <exception cref="CliException">It cannot be written.</exception>
    public void Add(string name, ReadOnlySpan<byte> data)
    {
        string path = Path.GetFullPath(name), folder = Path.GetDirectoryName(path)!;
        string temporary = Path.Combine(folder, $".llicm-{Guid.NewGuid():N}.tmp");
        try
        {
            if (Directory.Exists(path)) throw new IOException("it is a folder");
            Directory.CreateDirectory(folder);
            s_temporary[temporary] = true;
            _files.Add((temporary, path, name));
            using FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write);
            stream.Write(data);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(name, temporary, error);
        }
    }

    /// <summary>Puts all files in their places.</summary>
    /// <exception cref="CliException">One cannot be put there.</exception>
    public void Commit()
    {
        foreach ((string temporary, string path, string name) in _files)
        {
            try
            {
                File.Move(temporary, path, overwrite: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(name, temporary, error);
            }
            s_temporary.TryRemove(temporary, out _);
        }
        _files.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((string temporary, _, _) in _files)
        {
            Delete(temporary);
            s_temporary.TryRemove(temporary, out _);
        }
    }

    private static CliException Unwritable(string name, string temporary, Exception error)
    {
        // The temporary file's name means nothing to the user.
        string why = error is UnauthorizedAccessException ? "permission denied"
            : error.Message.ReplaceLineEndings(" ").Replace(temporary, name, StringComparison.Ordinal);
        return new CliException(ExitCode.Output, $"{name}: cannot be written: {why}", error);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It could not be made either, or its folder is gone.
        }
    }
}
