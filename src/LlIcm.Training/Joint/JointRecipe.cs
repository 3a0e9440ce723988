namespace LlIcm.Training.Joint;

/// <summary>
/// How codec, controller and restorer are trained together: stage 2 of the paper,
/// L = α·λ·255²·MSE(x̂, x) + β·bpp + γ·L_task, with x the degraded picture.
/// </summary>
public sealed record JointRecipe
{
    /// <summary>Optimiser steps in all.</summary>
    public int Steps { get; init; } = 4_000;

    /// <summary>Crops a step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Side of the crops in pixels, a multiple of 64.</summary>
    public int Crop { get; init; } = 128;

    /// <summary>α, the weight of the distortion.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>β, the weight of the rate.</summary>
    public double Beta { get; init; } = 1;

    /// <summary>γ, the weight of the restoration.</summary>
    public double Gamma { get; init; } = 10;

    /// <summary>Weight of the cross entropy of the degradation words, which keeps the recogniser in tune; 0 leaves it out.</summary>
    public double RecognitionWeight { get; init; } = 0.05;

    /// <summary>The trade-off λ of a single-rate codec; a variable-rate one samples its own range.</summary>
    public double Lambda { get; init; } = 0.0130;

    /// <summary>
    /// Exponent of the weight (λ/0.013)^−e of a crop's whole loss: without it high rates drown the low ones.
    /// </summary>
    public double LambdaWeightExponent { get; init; } = 0.5;

    /// <summary>Exponent e of the task's weight γ·(λ/0.013)^e: 0 asks the same of every rate, 1 what the distortion asks.</summary>
    public double TaskLambdaExponent { get; init; }

    /// <summary>What the restorer's output is compared with.</summary>
    public RestorationObjective Objective { get; init; } = RestorationObjective.Prediction;

    /// <summary>Squared instead of absolute differences in the task's loss.</summary>
    public bool Squared { get; init; }

    /// <summary>
    /// Whether the task's gradient reaches the codec through the embeddings too, with CLIP's preprocessing as tensor operators;
    /// else through μ = x̂ alone, with the preprocessing that inference has.
    /// </summary>
    public bool FeatureGradients { get; init; } = true;

    /// <summary>Whether the restorer sees x̂ in 8 bits, as from a file (its gradient passes unchanged).</summary>
    public bool RoundDecoded { get; init; } = true;

    /// <summary>Share of samples at the last time T, where sampling starts; the rest is uniform.</summary>
    public double StartShare { get; init; } = 0.5;

    /// <summary>Share of samples that carry the embedding of the true word instead of the picture's own.</summary>
    public double WordShare { get; init; } = 0.3;

    /// <summary>Leaves the codec as it is.</summary>
    public bool FreezeCodec { get; init; }

    /// <summary>Leaves the controller and the words as they are.</summary>
    public bool FreezeController { get; init; }

    /// <summary>Leaves the restorer as it is.</summary>
    public bool FreezeRestorer { get; init; }

    /// <summary>Adam's step size of the codec at its highest.</summary>
    public double CodecLearningRate { get; init; } = 1e-4;

    /// <summary>Step size of the quantiles of the factorised prior.</summary>
    public double AuxiliaryLearningRate { get; init; } = 1e-3;

    /// <summary>AdamW's step size of controller and words.</summary>
    public double ControllerLearningRate { get; init; } = 2e-5;

    /// <summary>AdamW's weight decay of controller and words.</summary>
    public double ControllerWeightDecay { get; init; } = 0.02;

    /// <summary>Adam's step size of the restorer.</summary>
    public double RestorerLearningRate { get; init; } = 3e-4;

    /// <summary>The step sizes at the end, as a share of the highest.</summary>
    public double FinalLearningRate { get; init; } = 0.01;

    /// <summary>Steps over which the step sizes rise.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>The share of steps, at the end, over which the step sizes fall.</summary>
    public double DecayShare { get; init; } = 0.8;

    /// <summary>Largest 2-norm of the gradient of each of the three parts.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>Decay of the averaged weights, which are the ones saved for use.</summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Whether the transforms and the restorer run in bfloat16; the entropy model stays in single precision.</summary>
    public bool MixedPrecision { get; init; } = true;

    /// <summary>Seed of data order and noise.</summary>
    public ulong Seed { get; init; } = 5;

    /// <summary>Checks the values against each other.</summary>
    /// <exception cref="TrainingException">One makes no sense; the message names it.</exception>
    public void Validate()
    {
        if (Steps <= 0) throw new TrainingException("recipe: steps must be positive");
        if (BatchSize <= 0) throw new TrainingException("recipe: batch_size must be positive");
        if (Crop <= 0 || Crop % 64 != 0) throw new TrainingException("recipe: crop must be a multiple of 64");
        if (Alpha < 0) throw new TrainingException("recipe: alpha must not be negative");
        if (Beta < 0) throw new TrainingException("recipe: beta must not be negative");
        if (Gamma < 0) throw new TrainingException("recipe: gamma must not be negative");
        if (RecognitionWeight < 0) throw new TrainingException("recipe: recognition_weight must not be negative");
        if (Lambda <= 0) throw new TrainingException("recipe: lambda must be positive");
        if (!FreezeCodec && CodecLearningRate <= 0) throw new TrainingException("recipe: codec_learning_rate must be positive");
        if (!FreezeController && ControllerLearningRate <= 0)
            throw new TrainingException("recipe: controller_learning_rate must be positive");
        if (!FreezeRestorer && RestorerLearningRate <= 0)
            throw new TrainingException("recipe: restorer_learning_rate must be positive");
        if (FreezeCodec && FreezeController && FreezeRestorer)
            throw new TrainingException(
                "recipe: freeze_codec, freeze_controller and freeze_restorer together leave nothing to train");
    }
}
