namespace LlIcm.Training.Data;

/// <summary>All photographs of a folder, for measuring on.</summary>
public static class Photographs
{
    /// <summary>Loads a folder of photographs.</summary>
    /// <param name="folder">Clean photographs.</param>
    /// <param name="crop">Their least side.</param>
    /// <exception cref="TrainingException">The folder is missing, empty, or all of its pictures are too small or damaged.</exception>
    public static PhotoCache Load(string folder, int crop)
    {
        if (!Directory.Exists(folder)) throw new TrainingException($"{folder}: there is no such folder");
        try
        {
            return PhotoCache.Load(folder, new PhotoCacheOptions { MinSide = crop });
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new TrainingException(error.Message, error);
        }
    }
}
