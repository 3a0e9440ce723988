using LlIcm.Training.Degradations;

namespace LlIcm.Training.Data;

/// <summary>
/// The training data as a function: sample k of step s depends on the seed, s and k alone, so that a resumed run sees
/// what
/// an uninterrupted one would have seen. Safe for use by several threads at once.
/// </summary>
/// <param name="crops">Where the clean crops come from.</param>
/// <param name="sampler">What degrades them.</param>
/// <param name="batchSize">Samples in a batch, at least 1.</param>
/// <param name="seed">Of the run.</param>
public sealed class DegradedBatches(CropSource crops, DegradationSampler sampler, int batchSize, ulong seed)
{
    /// <summary>Samples in a batch.</summary>
    public int BatchSize { get; } = batchSize > 0
        ? batchSize
        : throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "a batch needs a sample");

    /// <summary>Makes the batch of a step.</summary>
    public TrainingBatch Make(long step) => new([.. Enumerable.Range(0, BatchSize).Select(k => Sample(step, k))]);

    /// <summary>Makes one sample of a step.</summary>
    public DegradedSample Sample(long step, int k)
    {
        Xoshiro256 random = new(Xoshiro256.Mix(seed, (ulong)step, (ulong)k));
        return sampler.Sample(crops.Next(random), random);
    }

    /// <summary>Starts making batches in the background.</summary>
    /// <param name="threads">How many threads.</param>
    /// <param name="ahead">How many batches may be finished or under way ahead of the one taken next.</param>
    /// <param name="start">The first step.</param>
    public BatchLoader<TrainingBatch> Start(int threads = 1, int ahead = 4, long start = 0) =>
        new(Make, threads, ahead, start);
}
