namespace LlIcm.Training;

/// <summary>The output folder of a run.</summary>
internal static class Output
{
    /// <summary>Makes the folder, and removes what a killed run may have left half-written of its checkpoint.</summary>
    /// <exception cref="OutputException">It can't be written to; the message names it.</exception>
    public static void Prepare(string folder, string checkpoint) => Guard(folder, () =>
    {
        Directory.CreateDirectory(folder);
        foreach (string rest in Directory.EnumerateFiles(folder, Path.GetFileName(checkpoint) + ".*.tmp")) File.Delete(rest);
    });

    /// <summary>A folder in the output folder.</summary>
    public static string Folder(string folder, string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    /// <summary>Runs what writes; failures become one line that names the place.</summary>
    /// <exception cref="OutputException">It could not be written.</exception>
    public static void Guard(string place, Action write)
    {
        try
        {
            write();
        }
        // The last is what .NET says where a file would become too large for its disk.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new OutputException(place, error);
        }
    }
}
