namespace LlIcm.Training.Vision;

/// <summary>How the compact vision tower or its controller is trained.</summary>
public sealed record VisionRecipe
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 2_000;

    /// <summary>Pictures a step: each is contrasted with all others.</summary>
    public int BatchSize { get; init; } = 24;

    /// <summary>Side of the photographs' crops before CLIP's preprocessing, in pixels.</summary>
    public int Crop { get; init; } = 224;

    /// <summary>AdamW's step size at its highest.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>The step size at the end, as a share of the highest.</summary>
    public double FinalLearningRate { get; init; } = 0.02;

    /// <summary>Steps over which the step size rises.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>AdamW's weight decay of matrices.</summary>
    public double WeightDecay { get; init; } = 0.02;

    /// <summary>Largest 2-norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>Of so many controller steps one also contrasts the contents.</summary>
    public int ContentEvery { get; init; } = 4;

    /// <summary>Seed of weights, data order and noise.</summary>
    public ulong Seed { get; init; } = 2;

    internal LearningRateSchedule Schedule => new(LearningRate, FinalLearningRate, WarmUp, 0.8);
}
