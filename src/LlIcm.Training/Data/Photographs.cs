using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>Degraded crops of a folder of photographs: the data of every stage.</summary>
public static class Photographs
{
    /// <summary>Loads a folder and starts a loader.</summary>
    /// <param name="folder">Clean photographs.</param>
    /// <param name="crop">Side of the crops.</param>
    /// <param name="batchSize">Crops a batch.</param>
    /// <param name="seed">Of order and degradations.</param>
    /// <param name="degradations">What is done to the crops.</param>
    /// <param name="start">The first step.</param>
    /// <exception cref="TrainingException">The folder is missing or holds too few usable pictures.</exception>
    public static BatchLoader<TrainingBatch> Batches(
        string folder, int crop, int batchSize, ulong seed, DegradationOptions degradations, long start) =>
        new DegradedBatches(
            new CropSource(Load(folder, crop), new CropOptions { Size = crop }),
            new DegradationSampler(degradations), batchSize, seed).Start(1, 4, start);

    /// <summary>Loads a folder.</summary>
    /// <exception cref="TrainingException">The folder is missing or holds no picture of at least the crop's size.</exception>
    public static PhotoCache Load(string folder, int crop)
    {
        if (!Directory.Exists(folder)) throw new TrainingException($"{folder}: there is no such folder");
        PhotoCache photos = PhotoCache.Load(folder, new PhotoCacheOptions { MinSide = crop });
        if (photos.Photos.Count == 0)
            throw new TrainingException($"{folder}: no picture of at least {crop}×{crop} pixels");
        return photos;
    }
}
