namespace LlIcm.Training.Codec;

/// <summary>How a codec is trained: stage 1 of the paper, at one rate or over a range of rates.</summary>
public sealed record CodecRecipe
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 20_000;

    /// <summary>Crops a step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Side of the crops in pixels, a multiple of 64.</summary>
    public int Crop { get; init; } = 128;

    /// <summary>Adam's step size at its highest.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>The step size at the end, as a share of the highest.</summary>
    public double FinalLearningRate { get; init; } = 0.02;

    /// <summary>Steps over which the step size rises from 0.</summary>
    public int WarmUp { get; init; } = 200;

    /// <summary>The share of steps, at the end, over which the step size falls (half a cosine).</summary>
    public double DecayShare { get; init; } = 0.6;

    /// <summary>Step size of the quantiles of the factorised prior.</summary>
    public double AuxiliaryLearningRate { get; init; } = 1e-3;

    /// <summary>Largest 2-norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>The trade-off λ of a single-rate codec; a variable-rate one samples its own range.</summary>
    public double Lambda { get; init; } = 0.0130;

    /// <summary>
    /// Exponent of the loss weight (λ/0.013)^−e in variable-rate training: without it high rates drown the low ones.
    /// </summary>
    public double LambdaWeightExponent { get; init; } = 0.5;

    /// <summary>Share of crops that are degraded before coding: the codec's inputs in use.</summary>
    public double DegradedShare { get; init; } = 0.25;

    /// <summary>Decay of the averaged weights, which are the ones saved for use.</summary>
    public double EmaDecay { get; init; } = 0.9995;

    /// <summary>Whether g_a and g_s run in bfloat16; the entropy model stays in single precision.</summary>
    public bool MixedPrecision { get; init; } = true;

    /// <summary>Seed of weights, data order and noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the values against each other.</summary>
    /// <exception cref="TrainingException">One makes no sense; the message names it.</exception>
    public void Validate()
    {
        if (Steps <= 0) throw new TrainingException("recipe: steps must be positive");
        if (BatchSize <= 0) throw new TrainingException("recipe: batch_size must be positive");
        if (Crop <= 0 || Crop % 64 != 0) throw new TrainingException("recipe: crop must be a multiple of 64");
        if (LearningRate <= 0) throw new TrainingException("recipe: learning_rate must be positive");
    }
}
