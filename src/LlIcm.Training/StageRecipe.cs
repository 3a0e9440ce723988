using LlIcm.Tensors;
using LlIcm.Training.Data;

namespace LlIcm.Training;

/// <summary>What the recipes of all stages have in common; each stage sets its own defaults.</summary>
public abstract record StageRecipe
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 1_000;

    /// <summary>
    /// How often all pictures are seen, instead of <see cref="Steps"/>: an epoch has as many samples as there are pictures. Null: steps count.
    /// </summary>
    public double? Epochs { get; init; }

    /// <summary>Samples a step, of all processes together.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Parts in which a process computes its samples of a step, one after the other: less memory, the same losses.
    /// </summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Side of the crops in pixels.</summary>
    public int Crop { get; init; } = 128;

    /// <summary>Where pictures come from; <c>--data FOLDER</c> stands in its place.</summary>
    public DataRecipe? Data { get; init; }

    /// <summary>The optimiser's step size at its highest.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>How the step size goes on after the warm-up: cosine, constant or steps.</summary>
    public LearningRateShape Schedule { get; init; }

    /// <summary>The cosine's last step size, as a share of the highest.</summary>
    public double FinalLearningRate { get; init; } = 0.02;

    /// <summary>Steps over which the step size rises from 0.</summary>
    public int WarmUp { get; init; }

    /// <summary>The share of steps, at the end, over which the cosine falls; 1: right after the warm-up.</summary>
    public double DecayShare { get; init; } = 1;

    /// <summary>Steps at which <c>schedule: steps</c> lowers the step size.</summary>
    public IList<long> Milestones { get; init; } = [];

    /// <summary>By what it is multiplied there.</summary>
    public double Gamma { get; init; } = 0.5;

    /// <summary>Largest 2-norm of the gradient; 0: no limit.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>
    /// Whether <see cref="ClipNorm"/> holds for the gradient of each optimiser by itself (of codec, controller and restorer), not for all as
    /// one: else the longest one, the codec's, sizes the steps of the others.
    /// </summary>
    public bool ClipApart { get; init; }

    /// <summary>
    /// Largest 2-norm of a single sample's gradient, before their mean is taken and clipped to <see cref="ClipNorm"/>; 0: no limit. Samples are
    /// then computed one after the other. A codec's gradients differ by orders of magnitude between samples, and a mean of a few is
    /// mostly its longest one.
    /// </summary>
    public double ClipSamples { get; init; }

    /// <summary>Decay of the averaged weights, which are the ones saved for use; 0: none are kept.</summary>
    public double EmaDecay { get; init; }

    /// <summary>Steps from one update of the averaged weights to the next.</summary>
    public int EmaEvery { get; init; } = 1;

    /// <summary>Steps over which the averaged weights are copies.</summary>
    public int EmaAfter { get; init; }

    /// <summary>
    /// The decay's rise: 1 - (1 + n)^-power after n steps, as ema_pytorch has it; 0: (1 + n) / (10 + n).
    /// </summary>
    public double EmaPower { get; init; }

    /// <summary>Arithmetic of convolutions and matrix products: auto, fp32, bf16 or fp16.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Seed of weights, data order and noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that make batches ahead of their use.</summary>
    public int LoaderThreads { get; init; } = 1;

    /// <summary>Steps between reports.</summary>
    public int ReportEvery { get; init; } = 50;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Most minutes between checkpoints.</summary>
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>Steps between validations, where there is data for them.</summary>
    public int ValidateEvery { get; init; } = 500;

    /// <summary>A step whose gradient is longer than this is skipped like one whose gradient is not finite.</summary>
    public double MaxGradient { get; init; } = 1e8;

    /// <summary>Steps without a finite gradient, one after the other, after which a run gives up.</summary>
    public int MaxSkipped { get; init; } = 50;

    /// <summary>Checks the values.</summary>
    /// <exception cref="TrainingException">One makes no sense; the message names its key.</exception>
    public virtual void Validate()
    {
        Require(Steps > 0, "steps must be positive");
        Require(Epochs is null or > 0, "epochs must be positive");
        Require(BatchSize > 0, "batch_size must be positive");
        Require(Accumulate > 0 && Accumulate <= BatchSize, "accumulate must be 1 to batch_size");
        Require(Crop > 0, "crop must be positive");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate must be positive");
        Require(FinalLearningRate is >= 0 and <= 1, "final_learning_rate must be 0 to 1");
        Require(WarmUp >= 0, "warm_up must not be negative");
        Require(DecayShare is >= 0 and <= 1, "decay_share must be 0 to 1");
        Require(Schedule != LearningRateShape.Steps || Milestones.Count > 0, "milestones are missing (schedule: steps)");
        Require(Gamma > 0, "gamma must be positive");
        Require(ClipNorm >= 0, "clip_norm must not be negative");
        Require(ClipSamples >= 0, "clip_samples must not be negative");
        Require(ClipSamples == 0 || Accumulate == 1, "accumulate must be 1 with clip_samples: samples are computed one by one anyway");
        Require(EmaDecay is >= 0 and < 1, "ema_decay must be at least 0 and below 1");
        Require(EmaEvery > 0, "ema_every must be positive");
        Require(EmaAfter >= 0, "ema_after must not be negative");
        Require(EmaPower >= 0, "ema_power must not be negative");
        Require(LoaderThreads > 0, "loader_threads must be positive");
        Require(ReportEvery > 0, "report_every must be positive");
        Require(CheckpointEvery > 0, "checkpoint_every must be positive");
        Require(CheckpointMinutes > 0, "checkpoint_minutes must be positive");
        Require(ValidateEvery > 0, "validate_every must be positive");
        Require(MaxGradient > 0, "max_gradient must be positive");
        Require(MaxSkipped > 0, "max_skipped must be positive");
    }

    /// <summary>The schedule of an optimiser.</summary>
    /// <param name="peak">Its step size at the highest.</param>
    public LearningRateSchedule ScheduleOf(double peak) =>
        new(peak, FinalLearningRate, WarmUp, DecayShare) { Shape = Schedule, Milestones = [.. Milestones], Gamma = Gamma };

    /// <summary>What becomes of the averaged weights after a step.</summary>
    /// <param name="step">Steps made before it.</param>
    /// <returns>The decay of this update, 0 for a copy; null where there is no update.</returns>
    public double? EmaDecayAt(long step)
    {
        if (step % EmaEvery != 0) return null;
        // The first update after the copies is one, too.
        if (EmaAfter > 0 && step - EmaEvery <= EmaAfter) return 0;
        double rise = EmaPower > 0 ? 1 - Math.Pow(1 + step - EmaAfter, -EmaPower) : (2.0 + step) / (11.0 + step);
        return Math.Min(EmaDecay, rise);
    }

    /// <summary>The seed of everything random in a step: a function of the recipe's seed and the step alone.</summary>
    public ulong SeedOf(long step) => unchecked(Seed * 0x9E3779B97F4A7C15 + (ulong)step);

    /// <summary>The type autocast computes in on a device; null: single precision, no autocast.</summary>
    /// <exception cref="TrainingException">The device can't.</exception>
    public ScalarType? AutocastType(Device device) => Precision switch
    {
        ComputePrecision.Fp32 => null,
        ComputePrecision.Bf16 => ScalarType.BFloat16,
        ComputePrecision.Fp16 when device.IsCpu => throw new TrainingException("recipe: precision fp16 needs --device cuda"),
        ComputePrecision.Fp16 => ScalarType.Half,
        _ => !device.IsCpu || Processor.HasBFloat16 ? ScalarType.BFloat16 : null,
    };

    /// <summary>Refuses a recipe.</summary>
    /// <exception cref="TrainingException">The condition does not hold.</exception>
    protected static void Require(bool condition, string message)
    {
        if (!condition) throw new TrainingException($"recipe: {message}");
    }
}
