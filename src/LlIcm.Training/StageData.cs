using LlIcm.Training.Data;

namespace LlIcm.Training;

/// <summary>Data sets as the stages' parts of batches.</summary>
public static class StageData
{
    /// <summary>Loads a folder of photographs.</summary>
    /// <param name="folder">Clean photographs.</param>
    /// <param name="crop">Their least side.</param>
    /// <exception cref="TrainingException">The folder is missing, empty, or all of its pictures are too small or damaged.</exception>
    public static PhotoCache Load(string folder, int crop)
    {
        try
        {
            return Photographs.Load(folder, crop);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new TrainingException(error.Message);
        }
    }

    /// <summary>Makes a part of a step's batch.</summary>
    public static TrainingBatch MakePart(this DegradedBatches data, long step, BatchPart part) =>
        new([.. Enumerable.Range(part.First, part.Count).Select(k => data.Sample(step, k))]);
}
