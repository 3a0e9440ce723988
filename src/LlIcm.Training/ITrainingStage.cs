using LlIcm.Tensors;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training;

/// <summary>
/// A stage of training: networks, data and loss. Everything else (accumulation, clipping, schedule, averaging, checkpoints,
/// logs, several processes) is <see cref="TrainingRun{TBatch}"/>'s.
/// </summary>
/// <remarks>
/// The loop seeds libtorch's generator before every pass from the recipe's seed and the step, so that a resumed run draws
/// what an uninterrupted one would have drawn; other generators a stage uses are to be seeded in the same way.
/// </remarks>
/// <typeparam name="TBatch">What the loader threads make.</typeparam>
public interface ITrainingStage<TBatch> : IDisposable
{
    /// <summary>Names the stage's files: <c>NAME.checkpoint.safetensors</c>, <c>NAME.log.jsonl</c>.</summary>
    string Name { get; }

    /// <summary>How to train.</summary>
    StageRecipe Recipe { get; }

    /// <summary>Where the networks are.</summary>
    Device Device { get; }

    /// <summary>The trained tensors with the names they have in checkpoints.</summary>
    IReadOnlyList<(string Name, Tensor Tensor)> Parameters { get; }

    /// <summary>What the loop steps; together they hold trained tensors only, each once.</summary>
    IReadOnlyList<StageOptimizer> Optimizers { get; }

    /// <summary>The average of <see cref="Parameters"/>, in their order; null for none.</summary>
    ExponentialMovingAverage? Average { get; }

    /// <summary>Optimisers that the stage steps itself, in <see cref="AfterStep"/>.</summary>
    IReadOnlyList<StageOptimizer> OwnOptimizers => [];

    /// <summary>Tensors that are not trained but belong into the checkpoint, with their names there.</summary>
    IReadOnlyList<(string Name, Tensor Tensor)> ExtraState => [];

    /// <summary>Makes a part of a step's batch: a pure function, called on loader threads.</summary>
    TBatch MakeBatch(long step, BatchPart part);

    /// <summary>Loss of a part; the loop back-propagates it.</summary>
    StageLoss Compute(TBatch batch, long step, BatchPart part);

    /// <summary>Whatever follows an optimiser step (clamps, auxiliary losses); the same in every process.</summary>
    /// <returns>Values for the reports.</returns>
    IReadOnlyList<(string Name, double Value)> AfterStep(long step) => [];

    /// <summary>Starts from given weights.</summary>
    /// <param name="path">A weight file, a checkpoint, or a folder with the file <see cref="SaveWeights"/> writes.</param>
    /// <exception cref="TrainingException">The file is unusable or of another architecture; the message names it.</exception>
    void LoadWeights(string path);

    /// <summary>
    /// Writes the networks for use, as they are now; they may be rounded in place, the loop puts them back where it goes on.
    /// </summary>
    void SaveWeights(string folder);

    /// <summary>Measures the networks as they are now on held-out data; null where there is none.</summary>
    StageValidation? Validate(CancellationToken cancellation) => null;
}
