namespace LlIcm.Training.Restoration;

/// <summary>How the restorer is trained on pairs of degraded (and decoded) and clean pictures.</summary>
public sealed record RestorerRecipe
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 6_000;

    /// <summary>Crops a step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Side of the crops in pixels.</summary>
    public int Crop { get; init; } = 128;

    /// <summary>AdamW's step size at its highest.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The step size at the end, as a share of the highest.</summary>
    public double FinalLearningRate { get; init; } = 0.01;

    /// <summary>Steps over which the step size rises.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>The share of steps, at the end, over which the step size falls.</summary>
    public double DecayShare { get; init; } = 0.8;

    /// <summary>Largest 2-norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>
    /// Share of samples at the last time T, where sampling starts; the rest is uniform. A network that predicts the clean picture
    /// is used with few steps, so its first one matters most.
    /// </summary>
    public double StartShare { get; init; } = 0.5;

    /// <summary>Share of samples that carry the embedding of the true word instead of the picture's own.</summary>
    public double WordShare { get; init; } = 0.5;

    /// <summary>Share of batches that are coded and decoded before they are restored.</summary>
    public double DecodedShare { get; init; } = 0.85;

    /// <summary>Decay of the averaged weights.</summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Whether convolutions run in bfloat16.</summary>
    public bool MixedPrecision { get; init; } = true;

    /// <summary>Seed of weights, data order and noise.</summary>
    public ulong Seed { get; init; } = 3;
}
