using LlIcm.Training.Data;

namespace LlIcm.Training;

/// <summary>Data sets as the stages' parts of batches.</summary>
public static class StageData
{
    /// <summary>Makes a part of a step's batch.</summary>
    public static TrainingBatch MakePart(this DegradedBatches data, long step, BatchPart part) =>
        new([.. Enumerable.Range(part.First, part.Count).Select(k => data.Sample(step, k))]);
}
